import { html } from 'lit';

/** Marks that stand on one letter. Writing needs up to four; more are there to cover the lines around. */
const PILED_MARKS = /(\p{M}{6})\p{M}+/gu;
/** Characters that turn the direction of what follows them, until others end that. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/;

/** `text` as it may stand beside other texts: it neither reorders nor covers them. */
export function tame(text: string): unknown {
  const bare = text.replace(PILED_MARKS, '$1');
  return TURNS.test(bare) ? html`<bdi>${bare}</bdi>` : bare;
}

/** Code with the characters that would show it in another order than it runs made visible: `[U+202E]`. */
export function honestCode(text: string): string {
  return text.replace(
    new RegExp(TURNS, 'g'),
    (turn) => `[U+${turn.charCodeAt(0).toString(16).toUpperCase()}]`,
  );
}
