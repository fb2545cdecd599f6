import { RealtimeError } from '../protocol/errors.ts';
import type { Message } from '../protocol/types.ts';

export type TranscriptFormat = 'markdown' | 'json' | 'text';

const FORMATS: readonly unknown[] = ['markdown', 'json', 'text'] satisfies TranscriptFormat[];

/** Traffic that is no part of what was said. */
const HIDDEN: ReadonlySet<string> = new Set(['Heartbeat', 'Webhook', 'Reasoning', 'Tool']);

/**
 * `messages` (oldest first) as one text. `json` is an array of `{ id, requestId, author, workflow, type, text, data, topic,
 * createdAt }` with ISO times and every message; the other two hold what people said, with data as JSON, and handoffs in
 * words. Throws `input` for any other format.
 */
export function exportTranscript(messages: readonly Message[], format: TranscriptFormat): string {
  if (!FORMATS.includes(format)) {
    throw new RealtimeError('input', `A transcript can be one of ${FORMATS.join(', ')}.`);
  }
  if (format === 'json') return JSON.stringify(messages.map(record), null, 2);
  const bold = format === 'markdown' ? '**' : '';
  return messages
    .filter(({ type }) => !HIDDEN.has(type))
    .map((message) => {
      const [speaker, body] = said(message, format);
      return `${bold}${speaker}${bold} (${time(message)})\n${body && `\n${body}\n`}`;
    })
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

/** Who said something, and what. A handoff has no words of its own: its text names workflows, its data is for agents. */
function said(message: Message, format: TranscriptFormat): [speaker: string, body: string] {
  const agent = message.workflowType.split(':')[0] ?? message.workflowType;
  if (message.type === 'Handoff') return [`You are now talking to ${agent}`, ''];
  return [message.author === 'participant' ? 'You' : agent, body(message, format)];
}

function body({ text, data }: Message, format: TranscriptFormat): string {
  const json = data === undefined || data === null ? undefined : JSON.stringify(data, null, 2);
  const block = json && (format === 'markdown' ? `\`\`\`json\n${json}\n\`\`\`` : json);
  return [text, block].filter(Boolean).join('\n\n');
}

function time({ createdAt }: Message): string {
  return new Date(createdAt).toISOString();
}
