import type { AgentScript, Reply } from './agents.ts';
import { dataShowcase } from './showcase-data.ts';
import { rowShowcase } from './showcase-rows.ts';
import { textShowcase } from './showcase-texts.ts';
import { isRecord } from './values.ts';

/** What the showcase agent says when it is asked for one kind of message. */
export interface ShowcaseEntry {
  /** One line for the list that `help` gives. */
  readonly about: string;
  readonly replies: readonly Omit<Reply, 'delayMs'>[];
}

/** By what is asked for; one word each, hyphens allowed. To show another kind of message, add it here. */
export const showcase: Readonly<Record<string, ShowcaseEntry>> = {
  ...dataShowcase,
  ...rowShowcase,
  ...textShowcase,
};

/** Sends the kind of message that the text names; `everything` sends them all, anything else is answered with the list. */
export const showcaseScript: AgentScript = (inbound, paceMs) => {
  const said =
    inbound.messageType === 'Data' && !inbound.text?.trim()
      ? [{ text: received(inbound.data) }]
      : repliesTo(inbound.text ?? '', inbound.data);
  return said.map((reply) => ({ delayMs: paceMs, ...reply }));
};

function repliesTo(text: string, data: unknown): readonly Omit<Reply, 'delayMs'>[] {
  const asked = text.trim().toLowerCase();
  if (asked === 'everything') return Object.values(showcase).flatMap(({ replies }) => replies);
  const entry = Object.hasOwn(showcase, asked) ? showcase[asked] : undefined;
  if (entry) return entry.replies;
  if (isRecord(data)) return [{ text: received(data), data: {} }];
  return [{ text: help() }];
}

function received(data: unknown): string {
  const values = isRecord(data) && isRecord(data['values']) ? data['values'] : data;
  const lines = isRecord(values)
    ? Object.entries(values).map(([name, value]) => `- ${name}: **${JSON.stringify(value)}**`)
    : [];
  return ['Thank you, I have received that.', '', ...lines].join('\n').trim();
}

function help(): string {
  const rows = Object.entries(showcase).map(([name, { about }]) => `| \`${name}\` | ${about} |`);
  return [
    'Name what you would like to see:',
    '',
    '| Write | To see |',
    '| --- | --- |',
    ...rows,
    '| `everything` | All of them |',
  ].join('\n');
}
