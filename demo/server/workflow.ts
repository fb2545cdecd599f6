/**
 * The real server resolves workflow names in two ways that agree only for `Agent:Flow` and for ids that start with
 * `tenant:`. Both are here, with their disagreements.
 */

export interface ResolvedWorkflow {
  workflowId: string;
  workflowType: string;
}

/** Thrown for a full id that belongs to another tenant; REST answers 500, the hub a completion error. */
export class WorkflowPrefixError extends Error {
  constructor(workflow: string, tenantId: string) {
    super(`Workflow "${workflow}" does not start with "${tenantId}:".`);
    this.name = 'WorkflowPrefixError';
  }
}

/** Hub subscribe, unsubscribe and history: the tenant in front, unless it is there already. */
export function resolveByPrefix(tenantId: string, workflow: string): string {
  return workflow.startsWith(`${tenantId}:`) ? workflow : `${tenantId}:${workflow}`;
}

/**
 * Everything else: by the number of colons. Two or more mean a full id, one an `Agent:Flow`. For none, the hub takes the
 * name as type and REST takes `tenant:name`, so that no agent is reached.
 */
export function resolveByColons(tenantId: string, workflow: string, via: 'rest' | 'hub'): ResolvedWorkflow {
  const parts = workflow.split(':');
  if (parts.length >= 3) {
    if (parts[0] !== tenantId) throw new WorkflowPrefixError(workflow, tenantId);
    return { workflowId: workflow, workflowType: `${parts[1]}:${parts[2]}` };
  }
  const workflowId = `${tenantId}:${workflow}`;
  return { workflowId, workflowType: parts.length === 2 || via === 'hub' ? workflow : workflowId };
}
