import type { ServerContext } from './context.ts';
import type { Draft, StoredMessage } from './store.ts';

/** A participant's message on its way in, after validation. */
export type InboundDraft = Omit<Draft, 'direction'>;

/** What became of it. `fail` and `drop` are faults: the caller answers 500 or cuts the connection. */
export type InboundOutcome =
  { then: 'answer' | 'fail'; message: StoredMessage } | { then: 'drop'; message: StoredMessage | undefined };

/**
 * Stores a message and signals its agent, in that order, as the real server does: a failure in between leaves a stored
 * message that no agent has seen.
 */
export function acceptInbound({ faults, store, agents }: ServerContext, draft: InboundDraft): InboundOutcome {
  if (faults.take('drop-before-store')) return { then: 'drop', message: undefined };
  const message = store.append({ ...draft, direction: 'Incoming' });
  if (faults.take('store-then-500')) return { then: 'fail', message };
  agents.signal(message);
  return { then: faults.take('store-then-drop') ? 'drop' : 'answer', message };
}
