import { agentScripts } from './agent-scripts.ts';
import type { Store, StoredMessage, WireType } from './store.ts';
import { resolveByColons } from './workflow.ts';

/** One thing that an agent says. */
export interface Reply {
  /** Milliseconds after the reply before it, or after the request. */
  delayMs: number;
  /** Default `'Chat'`. */
  messageType?: WireType;
  text?: string;
  /** Default for Chat: the request's own data, which is a habit of real agents. */
  data?: unknown;
  /** `Agent:Flow` that speaks instead; with a Handoff, the one that takes over. Default: the one that was asked. */
  workflow?: string;
}

/** What an agent answers. `paceMs` is the server's `agentDelayMs`. */
export type AgentScript = (inbound: StoredMessage, paceMs: number) => Reply[];

/** Messages to which real agents do not react. */
const IGNORED: ReadonlySet<WireType> = new Set<WireType>(['Handoff', 'Reasoning', 'Tool']);

/** Runs the scripted agents. A workflow without one accepts messages and never answers, like a real one without workers. */
export class Agents {
  readonly #store: Store;
  readonly #paceMs: number;
  readonly #isOn: () => boolean;
  readonly #timers = new Set<NodeJS.Timeout>();
  #overrides = new Map<string, AgentScript>();

  constructor(store: Store, paceMs: number, isOn: () => boolean) {
    this.#store = store;
    this.#paceMs = paceMs;
    this.#isOn = isOn;
  }

  /** Has the agent of `inbound`'s workflow answer. Returns at once. */
  signal(inbound: StoredMessage): void {
    const script = this.#overrides.get(inbound.workflowType) ?? agentScripts[inbound.workflowType];
    if (!script || !this.#isOn() || IGNORED.has(inbound.messageType)) return;
    const replies: Reply[] =
      inbound.messageType === 'Heartbeat'
        ? [{ delayMs: 0, messageType: 'Data', data: { available: true } }]
        : script(inbound, this.#paceMs);
    let delayMs = 0;
    for (const reply of replies) {
      delayMs += reply.delayMs;
      this.#later(delayMs, () => this.#say(inbound, reply));
    }
  }

  override(workflowType: string, script: AgentScript): void {
    this.#overrides.set(workflowType, script);
  }

  /** Forgets overrides, and what was still to be said. */
  reset(): void {
    this.#overrides = new Map();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #later(delayMs: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, delayMs);
    this.#timers.add(timer);
  }

  #say(inbound: StoredMessage, { messageType = 'Chat', text, data, workflow }: Reply): void {
    const { tenantId, participantId } = inbound;
    const speaker =
      workflow === undefined
        ? { workflowId: inbound.workflowId, workflowType: inbound.workflowType }
        : resolveByColons(tenantId, workflow, 'hub');
    // A handoff belongs to no request and no topic; it is recorded under the workflow that takes over.
    const isHandoff = messageType === 'Handoff';
    const scope = isHandoff ? null : inbound.scope;
    this.#store.append({
      ...speaker,
      tenantId,
      participantId,
      direction: 'Outgoing',
      messageType,
      text: isHandoff ? (text ?? `${inbound.workflowType} -> ${speaker.workflowType}`) : text,
      data: data ?? (messageType === 'Chat' ? inbound.data : null),
      scope,
      requestId: isHandoff ? null : inbound.requestId,
      hint: isHandoff ? null : inbound.hint,
      origin: this.#store.lastIncoming({ ...speaker, tenantId, participantId }, scope)?.origin,
      createdBy: agentIdentity(speaker.workflowType),
    });
  }
}

/** The identity under which an agent's messages are recorded: `support-agent-cert`. */
export function agentIdentity(workflowType: string): string {
  const agent = workflowType.split(':')[0] ?? workflowType;
  return `${agent.trim().toLowerCase().replace(/\s+/g, '-')}-cert`;
}
