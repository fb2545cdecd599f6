import type { Message } from '../protocol/types.ts';
import { workflowType } from '../protocol/workflow.ts';

/**
 * Which workflows a conversation has been handed to, and which of them answers now.
 *
 * The server records a handoff under the workflow it goes to, without a topic and without a request id. From its time on
 * that workflow's messages belong to the conversation, and what the visitor writes goes there.
 */
export class Takeovers {
  readonly #origin: string;
  /** Workflows that may take over → the time since when their messages belong here; `undefined` if they have not. */
  readonly #since = new Map<string, number | undefined>();
  #active: string;
  #activeSince = 0;

  /** @param origin Full id of the workflow that the conversation began with. */
  constructor(origin: string) {
    this.#origin = origin;
    this.#active = origin;
  }

  /** Full id of the workflow that answers now. */
  get active(): string {
    return this.#active;
  }

  /** Every workflow whose messages may belong here, beside the first. */
  get candidates(): readonly string[] {
    return [...this.#since.keys()];
  }

  /** Those that have taken over at some time. */
  get tookOver(): readonly string[] {
    return this.candidates.filter((id) => this.#since.get(id) !== undefined);
  }

  /** Lets `workflowId` take over some day. `false`: it is known. */
  add(workflowId: string): boolean {
    if (workflowId === this.#origin || this.#since.has(workflowId)) return false;
    this.#since.set(workflowId, undefined);
    return true;
  }

  /** Whether history of `workflowId`, read back to and with `page` (oldest first), holds all that belongs here. */
  isComplete(workflowId: string, page: readonly Message[]): boolean {
    const since = this.#since.get(workflowId);
    return since === undefined ? page.some(isHandoff) : (page[0]?.createdAt ?? 0) < since;
  }

  /** Whether a message that is no handoff belongs here by its workflow and time. */
  covers({ workflowId, createdAt }: Message): boolean {
    const since = this.#since.get(workflowId);
    return workflowId === this.#origin || (since !== undefined && createdAt >= since);
  }

  /** Whether a handoff comes from a workflow that answers here, or returns to the first one. */
  concerns(handoff: Message): boolean {
    const to = handoff.workflowId;
    if (to === this.#origin) return true;
    const from = handoffSource(handoff);
    if (from === undefined) return this.#since.has(to);
    return [this.#origin, ...this.#since.keys()].some((id) => workflowType(id) === from);
  }

  /** Takes account of a handoff that {@link concerns} this conversation. */
  record({ workflowId: to, createdAt }: Message): void {
    if (to !== this.#origin) this.#since.set(to, Math.min(this.#since.get(to) ?? Infinity, createdAt));
    if (createdAt < this.#activeSince) return;
    this.#activeSince = createdAt;
    this.#active = to;
  }

  /** Back to the beginning; who may take over stays. */
  reset(): void {
    for (const id of this.#since.keys()) this.#since.set(id, undefined);
    this.#active = this.#origin;
    this.#activeSince = 0;
  }
}

export function isHandoff({ type }: Message): boolean {
  return type === 'Handoff';
}

/** `A:B` of a handoff's text, `A:B -> C:D`. */
export function handoffSource({ text }: Message): string | undefined {
  const [from, to] = (text ?? '').split(' -> ');
  return to === undefined ? undefined : from?.trim();
}
