import type { ResolutionMethod } from '../protocol/incident.ts';
import { methodWords, stateWords } from './feed-state-words.ts';
import type { Language } from './language.ts';

/** In the order in which they are offered. */
export const METHODS: readonly ResolutionMethod[] = ['manual', 'auto-assisted', 'automated'];

/** `IN_PROGRESS`, or any other name that a server has for something, in the reader's words where we have them. */
export function stateName(name: string, language: Language): string {
  const words: Readonly<Record<string, string>> = language.words(stateWords);
  return (Object.hasOwn(words, name) && words[name]) || sentence(name);
}

/** How an incident was resolved: one of {@link METHODS}, or what the server calls it. */
export function methodName(method: string, language: Language): string {
  const words: Readonly<Record<string, string>> = language.words(methodWords);
  const known = method.toLowerCase().replaceAll('_', '-');
  return (Object.hasOwn(words, known) && words[known]) || sentence(method);
}

/** `IN_PROGRESS` as `In progress`. */
function sentence(name: string): string {
  const text = name.replaceAll('_', ' ').toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
