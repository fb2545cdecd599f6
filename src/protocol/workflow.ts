import { RealtimeError } from './errors.ts';

/**
 * The server resolves workflow names in two ways that agree only for `Agent:Flow` and for a full id that starts with
 * `tenant:`. These functions accept those two forms and refuse every other, so that one name means one workflow on
 * every transport.
 */

/** The full id, `tenant:Agent:Flow[:activation]`. Throws `input` for any other form than the two above. */
export function workflowId(tenantId: string, workflow: string): string {
  const parts = workflow.split(':');
  if (parts.some((part) => part.trim() === '') || parts.length < 2 || parts.length > 4) {
    throw new RealtimeError(
      'input',
      'The workflow must be written as "Agent:Flow", with exactly one colon, or as a full id that starts with the tenant.',
    );
  }
  if (parts.length === 2) return `${tenantId}:${workflow}`;
  if (parts[0] !== tenantId) {
    throw new RealtimeError('input', `The workflow id does not start with the tenant "${tenantId}:".`);
  }
  return workflow;
}

/** `Agent:Flow` of a full workflow id. */
export function workflowType(id: string): string {
  return id.split(':').slice(1, 3).join(':');
}

/** The one spelling of a participant id: the server stores and broadcasts lower case, but subscribes as given. */
export function normaliseParticipant(participantId: string): string {
  return participantId.trim().toLowerCase();
}
