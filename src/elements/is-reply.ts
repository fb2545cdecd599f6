import type { Message } from '../protocol/types.ts';

/** What an agent does on the way, and what a conversation is made of underneath. */
const UNSAID: ReadonlySet<string> = new Set(['Reasoning', 'Tool', 'Heartbeat', 'Webhook', 'Handoff']);

/** Whether an agent says something with this message, and does not only work on it. */
export function isReply({ author, type }: Message): boolean {
  return author === 'agent' && !UNSAID.has(type);
}
