import type { Text, Texts, WordGroup, Words } from './words.ts';

/** Texts of one language by group and key. What is missing is said in English. */
export type Translation = Readonly<Record<string, Texts>>;

/** Texts that a page says in its own words: `{ 'chat.send': 'Off it goes' }`. */
export type OwnWords = Readonly<Record<string, Text>>;

/**
 * A language as one element speaks it: the texts, and what dates and numbers go by. Never changes: another language is
 * another object.
 */
export class Language {
  /** BCP 47 tag for `Intl`; `undefined` is the browser's own language. */
  readonly tag: string | undefined;
  /** Tag of the language that the words are in: `en` where there are none in the reader's. For `lang`. */
  readonly spoken: string;
  readonly #translation: Translation;
  readonly #own: OwnWords;
  readonly #numbers: Intl.NumberFormat;
  readonly #plurals: Intl.PluralRules;
  readonly #words = new Map<string, Words<Texts>>();

  /**
   * @param tag One that `Intl` knows.
   * @param spoken Language of `translation`, by whose rules plurals are chosen. Default: English.
   */
  constructor(tag?: string, translation: Translation = {}, spoken = 'en', own: OwnWords = {}) {
    this.tag = tag;
    this.spoken = spoken;
    this.#translation = translation;
    this.#own = own;
    this.#numbers = new Intl.NumberFormat(tag);
    this.#plurals = new Intl.PluralRules(spoken);
  }

  /** The texts of a part of the library. The same object every time. */
  words<Source extends Texts>({ name, source }: WordGroup<Source>): Words<Source> {
    let words = this.#words.get(name);
    if (!words) {
      const translated = this.#translation[name];
      words = Object.fromEntries(
        Object.entries(source).map(([key, english]) => [
          key,
          this.#word(english, this.#own[`${name}.${key}`] ?? translated?.[key] ?? english),
        ]),
      );
      this.#words.set(name, words);
    }
    return words as Words<Source>;
  }

  /** One text that no part brings along, where the page or the language has it: the English ones are not in the code. */
  translated(group: string, key: string): string | undefined {
    const text = this.#own[`${group}.${key}`] ?? this.#translation[group]?.[key];
    return typeof text === 'string' ? text : undefined;
  }

  /** `1,234` */
  number(value: number): string {
    return this.#numbers.format(value);
  }

  /** English tells whether a text takes values: another language may do without naming them. */
  #word(english: Text, text: Text): Words<Texts>[string] {
    const fixed = typeof english === 'string' && !/\{\w+\}/.test(english);
    if (fixed) return typeof text === 'string' ? text : text.other;
    return (values: Readonly<Record<string, string | number>>) => this.#fill(text, values);
  }

  #fill(text: Text, values: Readonly<Record<string, string | number>>): string {
    const chosen =
      typeof text === 'string' ? text : (text[this.#plurals.select(Number(values['count']))] ?? text.other);
    return chosen.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      return typeof value === 'number' ? this.number(value) : (value ?? placeholder);
    });
  }
}

/** English, with the dates of the browser. */
export const ENGLISH = new Language();
