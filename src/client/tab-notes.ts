import type { Message } from '../protocol/types.ts';

/** What the tabs of one account tell each other beside the connection. */
export type TabNote =
  /** The outbox changed; its own business what and how. */
  | { readonly type: 'outbox'; readonly note: unknown }
  /** Messages wait in storage, of which not every tab may have heard. */
  | { readonly type: 'written' }
  /** A message of this participant arrived. */
  | { readonly type: 'message'; readonly message: Message }
  /** About alerts; their own business what. */
  | { readonly type: 'alert'; readonly note: unknown }
  /** The thread of a workflow was deleted on the server. */
  | { readonly type: 'deleted'; readonly workflow: string }
  /** The participant signed out: nothing of theirs may stay. */
  | { readonly type: 'logout' };

/** `value` as a note; `undefined` for one that another version of the code may have written. */
export function readTabNote(value: unknown): TabNote | undefined {
  const note = value as Partial<Record<string, unknown>> | null;
  switch (note?.type) {
    case 'outbox':
      return { type: 'outbox', note: note.note };
    case 'alert':
      return { type: 'alert', note: note.note };
    case 'message':
      return isMessage(note.message) ? { type: 'message', message: note.message } : undefined;
    case 'deleted':
      return typeof note.workflow === 'string' ? { type: 'deleted', workflow: note.workflow } : undefined;
    case 'written':
    case 'logout':
      return { type: note.type };
    default:
      return undefined;
  }
}

function isMessage(value: unknown): value is Message {
  const message = value as Partial<Message> | null | undefined;
  return (
    typeof message?.id === 'string' &&
    typeof message.participantId === 'string' &&
    typeof message.workflowId === 'string' &&
    typeof message.createdAt === 'number'
  );
}
