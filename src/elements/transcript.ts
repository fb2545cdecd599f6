import type { Message } from '../protocol/types.ts';

/** Messages of one author closer together than this stand in one group. */
const GROUP_GAP_MS = 5 * 60_000;
/** Rows of one section; sections outside the viewport are not laid out (measured best size: design.md §7). */
export const SECTION_ROWS = 50;

/** One row of the transcript. `key` is stable for as long as the row stands for the same thing. */
export type TranscriptItem =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | MessageItem
  | ProgressItem
  | { readonly kind: 'handoff'; readonly key: string; readonly message: Message };

export interface MessageItem {
  readonly kind: 'message';
  readonly key: string;
  readonly message: Message;
  /** Begins a group: shows who speaks. */
  readonly first: boolean;
  /** Ends a group: shows when. */
  readonly last: boolean;
}

/** What the agent did for one request before, or between, its answers. */
export interface ProgressItem {
  readonly kind: 'progress';
  readonly key: string;
  readonly steps: readonly Message[];
  /** Still going on: the request is the one being waited for, and nothing answered it yet. */
  readonly live: boolean;
  /** When it was asked for, by the server's clock; else when the first step came. */
  readonly startedAt: number;
  /** When the answer came; `undefined` while there is none. Without a request: when the last step came. */
  readonly endedAt: number | undefined;
}

/** Rows that are laid out together. `key` does not change when older messages are put before it. */
export interface TranscriptSection {
  readonly key: number;
  readonly items: readonly TranscriptItem[];
}

/**
 * The rows to show for `messages` (oldest first): day separators, grouped messages, one progress block for all reasoning
 * and tool steps of a request, handoff notices. Probes and webhook traffic are left out.
 *
 * @param awaiting Request id that is being waited for, if any.
 * @param dayOf The calendar day a time belongs to; default: this machine's time zone.
 */
export function transcriptItems(
  messages: readonly Message[],
  awaiting?: string,
  dayOf: (at: number) => string = localDay,
): TranscriptItem[] {
  const asked = new Map<string, number>();
  const answered = new Map<string, number>();
  const probes = new Set<string>();
  for (const message of messages) {
    if (message.requestId === undefined) continue;
    const { requestId, createdAt } = message;
    if (message.type === 'Heartbeat') probes.add(requestId);
    else if (isAnswer(message)) note(answered, requestId, createdAt);
    // This machine's clock may be another than that of the steps.
    else if (message.author === 'participant' && !message.id.startsWith('local:'))
      note(asked, requestId, createdAt);
  }

  const items: TranscriptItem[] = [];
  const progress = new Map<string, Message[]>();
  const used = new Set<string>();
  let day: string | undefined;
  let openSteps: Message[] | undefined;

  for (const message of messages) {
    if (isHidden(message, probes)) continue;
    const at = dayOf(message.createdAt);
    if (at !== day) {
      day = at;
      // A machine whose clock is behind the server's can see the same day twice.
      items.push({ kind: 'day', key: unused(`day:${at}`, used), at: message.createdAt });
    }
    if (!isStep(message)) {
      const key = keyOf(message);
      // The same request stored twice is one message to its author.
      if (used.has(key)) continue;
      used.add(key);
      openSteps = undefined;
      items.push(
        message.type === 'Handoff'
          ? { kind: 'handoff', key, message }
          : { kind: 'message', key, message, first: true, last: true },
      );
      continue;
    }
    const { requestId } = message;
    const known = requestId === undefined ? openSteps : progress.get(requestId);
    if (known) {
      known.push(message);
      continue;
    }
    const steps = [message];
    if (requestId === undefined) openSteps = steps;
    else progress.set(requestId, steps);
    const live = requestId !== undefined && requestId === awaiting && !answered.has(requestId);
    const key = unused(`progress:${requestId ?? message.id}`, used);
    const startedAt = Math.min(asked.get(requestId ?? '') ?? Infinity, message.createdAt);
    const endedAt = answered.get(requestId ?? '');
    items.push({ kind: 'progress', key, steps, live, startedAt, endedAt });
  }
  return items.map((item, index) => {
    if (item.kind === 'message') return group(item, items[index - 1], items[index + 1]);
    const isLoose = item.kind === 'progress' && item.steps[0]?.requestId === undefined;
    return isLoose ? { ...item, endedAt: item.steps.at(-1)?.createdAt } : item;
  });
}

/**
 * Cuts rows into sections of 50. Counting starts one row before `anchor` (a row's key), where the heading of its day may
 * stand, so that rows put before it make new sections and leave the others as they are.
 */
export function transcriptSections(
  items: readonly TranscriptItem[],
  anchor: string | undefined,
): TranscriptSection[] {
  const zero = items.findIndex(({ key }) => key === anchor) - 1;
  const sections: { key: number; items: TranscriptItem[] }[] = [];
  items.forEach((item, index) => {
    const key = Math.floor((index - zero) / SECTION_ROWS);
    const open = sections.at(-1);
    if (open?.key === key) open.items.push(item);
    else sections.push({ key, items: [item] });
  });
  return sections;
}

/** What a row shows of the messages: it looks the same for as long as these are the same. */
export function partsOf(item: TranscriptItem): readonly unknown[] {
  switch (item.kind) {
    case 'day':
      return [item.at];
    case 'handoff':
      return [item.message];
    case 'progress':
      return [item.live, item.startedAt, item.endedAt, ...item.steps];
    case 'message':
      return [item.message, item.first, item.last];
  }
}

/** A message keeps its row when the server's copy replaces the local one. */
function keyOf({ author, id, requestId }: Message): string {
  return author === 'participant' && requestId !== undefined ? `own:${requestId}` : id;
}

/** Keeps the first. */
function note(times: Map<string, number>, requestId: string, at: number): void {
  if (!times.has(requestId)) times.set(requestId, at);
}

function unused(key: string, used: Set<string>): string {
  while (used.has(key)) key += '+';
  used.add(key);
  return key;
}

function group(item: MessageItem, before?: TranscriptItem, after?: TranscriptItem): MessageItem {
  const first = !joins(before, item.message);
  const last = !joins(after, item.message);
  return first && last ? item : { ...item, first, last };
}

function joins(neighbour: TranscriptItem | undefined, message: Message): boolean {
  return (
    neighbour?.kind === 'message' &&
    neighbour.message.author === message.author &&
    (message.author === 'participant' || neighbour.message.workflowType === message.workflowType) &&
    Math.abs(neighbour.message.createdAt - message.createdAt) < GROUP_GAP_MS
  );
}

function isStep({ author, type }: Message): boolean {
  return author === 'agent' && (type === 'Reasoning' || type === 'Tool');
}

function isAnswer(message: Message): boolean {
  return message.author === 'agent' && !isStep(message) && message.type !== 'Handoff';
}

/** Steps and handoffs sent by a participant are echoes that agents ignore. */
function isHidden(message: Message, probes: ReadonlySet<string>): boolean {
  const { author, type, requestId } = message;
  if (type === 'Heartbeat' || type === 'Webhook') return true;
  if (requestId !== undefined && probes.has(requestId)) return true;
  return author === 'participant' && (type === 'Reasoning' || type === 'Tool' || type === 'Handoff');
}

function localDay(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}
