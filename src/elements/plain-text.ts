import { briefOf } from '../protocol/brief.ts';
import type { Message } from '../protocol/types.ts';

/** Characters of a message that are looked at. */
const LIMIT = 200_000;

/** What a message says in one breath: its text without the signs of Markdown, else what its data are called. `''`: nothing. */
export function gist(message: Message): string {
  return message.text?.trim() ? plainText(message).trim() : briefOf(message);
}

/** Roughly what a message says once it is drawn: its text without the signs of Markdown, or the values of its data. */
export function plainText({ text, data, author }: Message): string {
  if (text) return author === 'agent' ? withoutSigns(text.slice(0, LIMIT)) : text.slice(0, LIMIT);
  return valuesOf(data).join('\n').slice(0, LIMIT);
}

/** A text without the signs of Markdown, as far as they can be told without reading it. */
export function withoutSigns(text: string): string {
  return text
    .replace(/!?\[([^\]\n]*)\]\([^)\n]*\)?/g, '$1')
    .replace(/^[ \t]*(?:#{1,6}|>|[-*+]|```\S*|~~~\S*)[ \t]*/gm, '')
    .replace(/^[ \t|:-]+$/gm, '')
    .replace(/\*\*|__|~~|`/g, '')
    .replace(/(^|\W)[*_](?=\S)|(?<=\S)[*_](?=\W|$)/g, '$1')
    .replace(/\\(?=[!-/:-@[-`{-~])/g, '');
}

function valuesOf(data: unknown): string[] {
  if (typeof data === 'string' || typeof data === 'number') return [String(data)];
  if (typeof data !== 'object' || data === null) return [];
  return Object.values(data).flatMap(valuesOf);
}
