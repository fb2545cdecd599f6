import type { Message } from '../protocol/types.ts';

export type TranscriptFormat = 'markdown' | 'json' | 'text';

/** Traffic that is no part of what was said. */
const HIDDEN: ReadonlySet<string> = new Set(['Heartbeat', 'Webhook', 'Reasoning', 'Tool']);

/**
 * `messages` (oldest first) as one text. `json` is an array of `{ id, requestId, author, workflow, type, text, data, topic,
 * createdAt }` with ISO times and every message; the other two hold what people said, with data as JSON. Unknown formats
 * count as `text`.
 */
export function exportTranscript(messages: readonly Message[], format: TranscriptFormat): string {
  if (format === 'json') return JSON.stringify(messages.map(record), null, 2);
  const bold = format === 'markdown' ? '**' : '';
  return messages
    .filter(({ type }) => !HIDDEN.has(type))
    .map((message) => `${bold}${speaker(message)}${bold} (${time(message)})\n\n${body(message, format)}\n`)
    .join('\n');
}

function record(message: Message) {
  const { id, requestId, author, workflowType, type, text, data, topic, delivery } = message;
  return {
    id,
    requestId,
    author,
    workflow: workflowType,
    type,
    text,
    data,
    topic,
    createdAt: time(message),
    delivery: delivery?.state,
  };
}

function speaker({ author, workflowType }: Message): string {
  return author === 'participant' ? 'You' : (workflowType.split(':')[0] ?? workflowType);
}

function body({ text, data }: Message, format: TranscriptFormat): string {
  const json = data === undefined || data === null ? undefined : JSON.stringify(data, null, 2);
  const block = json && (format === 'markdown' ? `\`\`\`json\n${json}\n\`\`\`` : json);
  return [text, block].filter(Boolean).join('\n\n');
}

function time({ createdAt }: Message): string {
  return new Date(createdAt).toISOString();
}
