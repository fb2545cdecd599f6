/*
 * How to add or mend a language. Copy `de.ts` to `<tag>.ts` (BCP 47, as short as it is clear: `fr`, `pt-BR`, `zh-Hant`), add
 * one line below, and go on until `npm run words -- <tag>` finds nothing; it prints what lacks with the English. Then:
 * - Keys and {placeholders} stay as they are; a placeholder may stand wherever the language wants it.
 * - Texts with forms for numbers need all of the forms that the language has: those that the check asks for.
 * - Say it as a good product does: polite and short, no exclamation marks; formal "you" where strangers use it.
 * - One word for one thing: the same for "message", "reply", "agent", "incident" everywhere. Buttons are verbs.
 * - A label has no full stop, a sentence has. `…` stands for what is under way. Quotes and spaces as the language has them.
 * - feedTrouble.* end a sentence after a dash; sentence.* join texts: give them the language's own stop and comma.
 * - Not translated: names of products, keys of the keyboard as the language's keyboards have them, WebSocket, Markdown, JSON.
 * - `reviewed: false` until somebody who speaks the language has read it in the chat; then also add it to REVIEWED.
 */
import type { Locale } from '../elements/locale.ts';

type Load = () => Promise<{ readonly default: Locale }>;

/** The languages beside English, by the tags that their files are named by. */
export const LOCALES: Readonly<Record<string, Load>> = {
  ar: () => import('./ar.ts'),
  bg: () => import('./bg.ts'),
  cs: () => import('./cs.ts'),
  da: () => import('./da.ts'),
  de: () => import('./de.ts'),
  el: () => import('./el.ts'),
  es: () => import('./es.ts'),
  fa: () => import('./fa.ts'),
  fi: () => import('./fi.ts'),
  fr: () => import('./fr.ts'),
  he: () => import('./he.ts'),
  hi: () => import('./hi.ts'),
  hu: () => import('./hu.ts'),
  id: () => import('./id.ts'),
  it: () => import('./it.ts'),
  ja: () => import('./ja.ts'),
  ko: () => import('./ko.ts'),
  nb: () => import('./nb.ts'),
  nl: () => import('./nl.ts'),
  pl: () => import('./pl.ts'),
  'pt-BR': () => import('./pt-BR.ts'),
  pt: () => import('./pt.ts'),
  ro: () => import('./ro.ts'),
  ru: () => import('./ru.ts'),
  sv: () => import('./sv.ts'),
  th: () => import('./th.ts'),
  tr: () => import('./tr.ts'),
  uk: () => import('./uk.ts'),
  vi: () => import('./vi.ts'),
  'zh-Hans': () => import('./zh-Hans.ts'),
  'zh-Hant': () => import('./zh-Hant.ts'),
};

/** Those that somebody who speaks them has read. */
export const REVIEWED: ReadonlySet<string> = new Set();
