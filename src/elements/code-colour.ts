import type { Filling } from './lazy-fill.ts';

/** `code` with its tokens coloured; `undefined` for a language that nobody knows here. */
export async function colour(code: string, name: string): Promise<Filling | undefined> {
  const { highlight } = await import('./code-highlight.ts');
  return highlight(code, name);
}
