import type { Translation } from './language.ts';

/** The words of one language, as a file of `src/locales` gives them. */
export interface Locale {
  /** BCP 47 tag, that of the file's name. Plurals go by its rules. */
  readonly tag: string;
  /** What the language calls itself. */
  readonly name: string;
  /** `false`: made by a machine, and nobody who speaks the language has read it yet. */
  readonly reviewed: boolean;
  readonly words: Translation;
}
