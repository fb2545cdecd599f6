/** Plural categories of a language, by which a text with `{count}` is chosen; `other` stands in for those that are missing. */
export type PluralText = { readonly other: string } & { readonly [Category in Intl.LDMLPluralRule]?: string };

/** A text in one language. `{name}` in it is filled in; a number by the customs of the language. */
export type Text = string | PluralText;

/** The texts of one part of the library, by key. */
export type Texts = Readonly<Record<string, Text>>;

/** Texts in English, which every part of the library brings along, and the name that translations know them by. */
export interface WordGroup<Source extends Texts = Texts> {
  readonly name: string;
  readonly source: Source;
}

type Names<Source extends string> = Source extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;
type Values<Name extends string> = { readonly [Key in Name]: string | number };
type Word<Source> = Source extends string
  ? [Names<Source>] extends [never]
    ? string
    : (values: Values<Names<Source>>) => string
  : Source extends { readonly other: infer Other extends string }
    ? (values: Values<Names<Other> | 'count'>) => string
    : never;

/** A group in the language of a reader: a text for what is fixed, a function of its values for what is filled in. */
export type Words<Source extends Texts> = { readonly [Key in keyof Source]: Word<Source[Key]> };

/**
 * Declares the texts of one part: `defineWords('chat', { close: 'Close chat', left: { one: '{count} left', other: … } })`.
 * Keys and names are what translators and pages go by: renaming one breaks their texts.
 */
export function defineWords<const Source extends Texts>(name: string, source: Source): WordGroup<Source> {
  return { name, source };
}
