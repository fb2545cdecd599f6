import type { Message } from '../protocol/types.ts';
import type { SystemAlert } from './alerts.ts';

/** Who the alerts are for, and where they are said. */
export interface AlertPlace {
  /** Full id. */
  readonly workflow: string;
  /** Absent: every topic. */
  readonly topic?: string | undefined;
  /** Lower case. */
  readonly participantId: string;
}

/** A {@link SystemAlert} as the tabs of a site tell it to each other. */
export type ToldAlert = Omit<SystemAlert, 'dismissed'>;

const TITLE_LENGTH = 200;
const TEXT_LENGTH = 2_000;
const SEVERITIES: readonly string[] = ['info', 'warning', 'critical'] satisfies SystemAlert['severity'][];

/**
 * Whether `message` says of itself that it is a system alert for this participant. A stream carries everybody's messages,
 * and what a participant wrote is no word of the service.
 */
export function claimsToBeAlert(message: Message, { workflow, topic, participantId }: AlertPlace): boolean {
  return (
    message.author === 'agent' &&
    message.type === 'Data' &&
    message.participantId === participantId &&
    message.workflowId === workflow &&
    (topic === undefined || message.topic === topic) &&
    fieldsOf(message.data)['type'] === 'system_alert'
  );
}

/**
 * The alert in a message whose `data` is `{ type: 'system_alert', severity?, title?, text? }`; the message's own text
 * counts where `data.text` is missing. `undefined` for one that says nothing or has no usable id.
 */
export function parseAlert({ id, createdAt, data, text }: Message): ToldAlert | undefined {
  const fields = fieldsOf(data);
  return readAlert({ ...fields, text: fields['text'] ?? text, id, at: createdAt });
}

/** What another tab told; without what makes no sense. */
export function parseToldAlerts(raw: unknown): ToldAlert[] {
  return Array.isArray(raw) ? raw.flatMap((each) => readAlert(fieldsOf(each)) ?? []) : [];
}

function readAlert({ id, at, severity, title, text }: Readonly<Record<string, unknown>>) {
  const alert = {
    id: typeof id === 'string' && /^[\w-]{1,64}$/.test(id) ? id : undefined,
    at: typeof at === 'number' && Number.isFinite(at) ? at : undefined,
    severity: readSeverity(severity),
    title: readText(title, TITLE_LENGTH).replace(/\s+/g, ' ') || undefined,
    text: readText(text, TEXT_LENGTH),
  };
  const isUsable = alert.id !== undefined && alert.at !== undefined && (alert.title ?? alert.text) !== '';
  return isUsable ? (alert as ToldAlert) : undefined;
}

function readSeverity(value: unknown): SystemAlert['severity'] {
  const severity = typeof value === 'string' ? value.toLowerCase() : '';
  return SEVERITIES.includes(severity) ? (severity as SystemAlert['severity']) : 'info';
}

/** Without control characters; cut at `length`, and not inside a character. */
function readText(value: unknown, length: number): string {
  if (typeof value !== 'string') return '';
  // Cut before anything else looks at it: it may be megabytes long.
  const text = value
    .slice(0, 2 * length)
    .replace(/(?![\n\t])\p{Cc}/gu, '')
    .trim();
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
