import type { Message } from './types.ts';

/** What a message may be called in its data, the best first. */
const NAMES = ['title', 'caption', 'heading', 'question', 'prompt', 'text', 'label', 'name', 'fileName'];
/** What is for programs, or too long for anybody. */
const UNSAID = new Set(['type', 'kind', 'schema', 'content', 'visitor']);
/** So many first words are enough, in UTF-16 units; and so deep they are looked for. */
const LENGTH = 160;
const DEPTH = 4;

/** What data of any shape say in a few words: what they are called, else their first values. `''`: nothing. */
export function briefOf({ type, data }: Pick<Message, 'type' | 'data'>): string {
  // A bare string is then the file itself.
  if (type === 'File' && typeof data === 'string') return '';
  return (nameOf(data) ?? valuesOf(data, DEPTH).slice(0, 4).join(', ')).trim().slice(0, LENGTH);
}

function nameOf(data: unknown): string | undefined {
  if (!isRecord(data)) return undefined;
  const name = NAMES.map((key) => data[key]).find(isSaid);
  if (name !== undefined) return name;
  const { files } = data;
  return Array.isArray(files) ? nameOf(files[0]) : undefined;
}

function valuesOf(data: unknown, depth: number): string[] {
  if (isSaid(data) || typeof data === 'number') return [String(data)];
  if (depth === 0 || typeof data !== 'object' || data === null) return [];
  return Object.entries(data)
    .slice(0, LENGTH)
    .flatMap(([key, value]) => (UNSAID.has(key) ? [] : valuesOf(value, depth - 1)));
}

function isSaid(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
