import { RealtimeError } from '../protocol/errors.ts';
import type { Message } from '../protocol/types.ts';
import { exportWords } from './chat-export-words.ts';
import { ENGLISH, type Language } from './language.ts';
import { redactSteps, type RedactStep } from './step-redactor.ts';

export type TranscriptFormat = 'markdown' | 'json' | 'text';

/** How a transcript calls people and things. */
export interface TranscriptLook {
  /** Default: English. */
  readonly language?: Language;
  /** What an agent is called, by `Agent:Flow`. Default: the part before the colon. */
  nameOf?(workflowType: string): string;
  /** What of an agent's steps may be seen. Default: all. */
  readonly redactStep?: RedactStep | undefined;
  /** Hears of a hook that throws; its step is left out. */
  report?(error: RealtimeError): void;
}

const FORMATS: readonly unknown[] = ['markdown', 'json', 'text'] satisfies TranscriptFormat[];

/** Traffic that is no part of what was said. */
const HIDDEN: ReadonlySet<string> = new Set(['Heartbeat', 'Webhook', 'Reasoning', 'Tool']);

/**
 * `messages` (oldest first) as one text. `json` is an array of `{ id, requestId, author, workflow, type, text, data, topic,
 * createdAt }` with ISO times and every message; the other two hold what people said, with data as JSON, and handoffs in
 * words. Throws `input` for any other format.
 */
export function exportTranscript(
  messages: readonly Message[],
  format: TranscriptFormat,
  look: TranscriptLook = {},
): string {
  if (!FORMATS.includes(format)) {
    throw new RealtimeError('input', `A transcript can be one of ${FORMATS.join(', ')}.`);
  }
  if (format === 'json') return JSON.stringify(visible(messages, look).map(record), null, 2);
  const bold = format === 'markdown' ? '**' : '';
  return saidIn(messages)
    .map((message) => {
      const { speaker, text } = said(message, format, look);
      return `${bold}${speaker}${bold} (${time(message)})\n${text && `\n${text}\n`}`;
    })
    .join('\n');
}

/** The messages without what is no part of what was said. */
export function saidIn(messages: readonly Message[]): readonly Message[] {
  return messages.filter(({ type }) => !HIDDEN.has(type));
}

function visible(messages: readonly Message[], { redactStep, report }: TranscriptLook): readonly Message[] {
  return messages.flatMap((message) =>
    message.type === 'Reasoning' || message.type === 'Tool'
      ? redactSteps([message], redactStep, report ?? (() => undefined))
      : message,
  );
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
export function said(
  message: Message,
  format: 'markdown' | 'text',
  { language = ENGLISH, nameOf = agentOf }: TranscriptLook,
): { readonly speaker: string; readonly text: string } {
  const words = language.words(exportWords);
  const agent = nameOf(message.workflowType);
  if (message.type === 'Handoff') return { speaker: words.handoff({ agent }), text: '' };
  return { speaker: message.author === 'participant' ? words.you : agent, text: body(message, format) };
}

function agentOf(workflowType: string): string {
  return workflowType.split(':')[0] ?? workflowType;
}

function body({ text, data }: Message, format: TranscriptFormat): string {
  const json = data === undefined || data === null ? undefined : JSON.stringify(data, null, 2);
  // A fence that is longer than any in the data ends it where it shall.
  const fence = '`'.repeat(Math.max(3, ...(json?.match(/`+/g) ?? []).map(({ length }) => length + 1)));
  const block = json && (format === 'markdown' ? `${fence}json\n${json}\n${fence}` : json);
  return [text, block].filter(Boolean).join('\n\n');
}

function time({ createdAt }: Message): string {
  return new Date(createdAt).toISOString();
}
