import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Locale } from '../../src/elements/locale.ts';
import type { PluralText, Text, Texts, WordGroup } from '../../src/elements/words.ts';

const ELEMENTS = resolve(import.meta.dirname, '../../src/elements');
const LOCALES = resolve(import.meta.dirname, '../../src/locales');

/** Forms that may say their number in a word, or not at all. */
const COUNTED: ReadonlySet<string> = new Set(['zero', 'one', 'two']);

/** What is wrong with one key of a translation. */
export interface Fault {
  /** `chat.send` */
  readonly key: string;
  readonly what: string;
}

/** Every group of words of the elements, by name. Throws when two share a name. */
export async function wordGroups(): Promise<ReadonlyMap<string, Texts>> {
  const groups = new Map<string, Texts>();
  for (const file of readdirSync(ELEMENTS).filter((name) => name.endsWith('-words.ts'))) {
    const module = (await import(pathToFileURL(join(ELEMENTS, file)).href)) as Record<string, unknown>;
    for (const value of Object.values(module).filter(isGroup)) {
      if (groups.has(value.name)) throw new Error(`${file}: there is a group "${value.name}" already.`);
      groups.set(value.name, value.source);
    }
  }
  return groups;
}

/** The translations, by the names of their files. */
export async function locales(): Promise<ReadonlyMap<string, Locale>> {
  const found = new Map<string, Locale>();
  for (const file of readdirSync(LOCALES).filter((name) => name.endsWith('.ts') && name !== 'index.ts')) {
    const module = (await import(pathToFileURL(join(LOCALES, file)).href)) as { default: Locale };
    found.set(file.replace(/\.ts$/, ''), module.default);
  }
  return found;
}

/** What keeps `locale` from saying everything that the groups say. */
export function faultsOf({ tag, words }: Locale, groups: ReadonlyMap<string, Texts>): Fault[] {
  const faults: Fault[] = [];
  const categories = new Intl.PluralRules(tag).resolvedOptions().pluralCategories;
  for (const [name, source] of groups) {
    const own = words[name] ?? {};
    for (const [key, english] of Object.entries(source)) {
      const text = own[key];
      const what = text === undefined ? 'missing' : faultOf(english, text, categories);
      if (what) faults.push({ key: `${name}.${key}`, what });
    }
    for (const key of Object.keys(own)) {
      if (!Object.hasOwn(source, key)) faults.push({ key: `${name}.${key}`, what: 'extra' });
    }
  }
  for (const name of Object.keys(words)) if (!groups.has(name)) faults.push({ key: name, what: 'extra' });
  return faults;
}

function faultOf(english: Text, text: Text, categories: readonly string[]): string | undefined {
  if (typeof english === 'string') {
    return typeof text === 'string' ? differences(english, text) : 'has forms for numbers, but takes none';
  }
  if (typeof text === 'string') return `needs forms for numbers: ${categories.join(', ')}`;
  const missing = categories.filter((category) => !Object.hasOwn(text, category));
  const extra = Object.keys(text).filter((category) => !categories.includes(category));
  if (missing.length > 0) return `forms are missing: ${missing.join(', ')}`;
  if (extra.length > 0) return `forms that the language has not: ${extra.join(', ')}`;
  for (const [category, form] of Object.entries(text) as [keyof PluralText, string][]) {
    const what = differences(english.other, form, COUNTED.has(category));
    if (what) return `${category}: ${what}`;
  }
  return undefined;
}

function differences(english: string, text: string, mayOmitCount = false): string | undefined {
  if (text.trim() === '') return 'empty';
  const [wanted, given] = [placeholders(english), placeholders(text)];
  const lost = [...wanted].filter((name) => !given.has(name) && !(mayOmitCount && name === 'count'));
  const odd = [...given].filter((name) => !wanted.has(name));
  if (lost.length > 0) return `does not say {${lost.join('}, {')}}`;
  return odd.length > 0 ? `knows no {${odd.join('}, {')}}` : undefined;
}

function placeholders(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ''));
}

function isGroup(value: unknown): value is WordGroup {
  return typeof value === 'object' && value !== null && 'name' in value && 'source' in value;
}
