import { LOCALES, REVIEWED } from '../locales/index.ts';

/** A language that the elements speak. */
export interface AvailableLocale {
  /** BCP 47 tag. */
  readonly tag: string;
  /** What the language calls itself, as far as the browser knows. */
  readonly name: string;
  /** `false`: made by a machine, and nobody who speaks the language has read it yet. */
  readonly reviewed: boolean;
}

/** The languages that there are words in, English first. Nothing is loaded for it. */
export function availableLocales(): readonly AvailableLocale[] {
  return ['en', ...Object.keys(LOCALES)].map((tag) => ({
    tag,
    name: new Intl.DisplayNames(tag, { type: 'language' }).of(tag) ?? tag,
    reviewed: tag === 'en' || REVIEWED.has(tag),
  }));
}
