/** Written languages that another one is read in. */
const ALIASES: Readonly<Record<string, string>> = { no: 'nb', nn: 'nb' };

/** `tag` in the form that `Intl` gives it; `undefined` for what is no tag: a page may write anything into `lang`. */
export function canonical(tag: string | null | undefined): string | undefined {
  try {
    return tag ? Intl.getCanonicalLocales(tag.trim().replaceAll('_', '-'))[0] : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * The one of `offered` that whoever reads `tag` reads: `de` for `de-AT`, `zh-Hant` for `zh-HK`; `pt-BR` for `pt`, which most
 * write as in Brazil, and `pt` for `pt-AO`. `en` for English, `undefined` where there is none.
 *
 * @param tag One that {@link canonical} has given.
 */
export function matchLocale(tag: string, offered: readonly string[]): string | undefined {
  const { language } = new Intl.Locale(tag);
  const { script, region } = new Intl.Locale(tag).maximize();
  const spoken = ALIASES[language] ?? language;
  return [`${spoken}-${region}`, `${spoken}-${script}`, spoken].find(
    (one) => one === 'en' || offered.includes(one),
  );
}

/** Whether what is written in `tag` runs from right to left. */
export function isRightToLeft(tag: string): boolean {
  return /^(Arab|Hebr|Syrc|Thaa|Nkoo|Adlm)$/.test(new Intl.Locale(tag).maximize().script ?? '');
}
