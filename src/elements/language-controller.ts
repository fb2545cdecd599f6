import type { LitElement, ReactiveController } from 'lit';
import { LOCALES } from '../locales/index.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { XiansErrorEvent } from './events.ts';
import { ENGLISH, Language, type OwnWords } from './language.ts';
import type { Locale } from './locale.ts';
import { canonical, isRightToLeft, matchLocale } from './locale-match.ts';
import { pageWords, WORDS_CHANGED } from './own-words.ts';
import { same } from './same.ts';
import type { Text } from './words.ts';

/** Milliseconds that a view waits for its language before it speaks English. */
const PATIENCE_MS = 3_000;

/** An element that speaks. */
export interface LanguageHost extends LitElement {
  /** Written here; another one updates the element. */
  language: Language;
  /** Tag of the language that the page wants. */
  readonly locale?: string | undefined;
  /** Texts by `group.key`, or JSON of them. */
  readonly strings?: unknown;
}

/** The provider around an element, as far as it concerns its language. */
type Provider = Pick<LanguageHost, 'locale' | 'strings' | 'addController' | 'removeController'> & Element;

const loaded = new Map<string, Locale>();
const failed = new Set<string>();
/** What was made of the `strings` of an element, and of which. */
const parsed = new WeakMap<Element, readonly [from: unknown, own: OwnWords]>();

/**
 * Gives its host the language to speak: that of the attribute `locale`, else of the provider's, else of the nearest `lang`,
 * else the browser's. Follows each of them while the host is in the document, and loads what it needs for it.
 */
export class LanguageController implements ReactiveController {
  /** Resolves when the host's first language is there, or is not to be had in time. */
  readonly ready: Promise<void>;

  readonly #host: LanguageHost;
  readonly #observer = new MutationObserver(() => this.#look());
  readonly #followed = { hostUpdated: () => this.#check() };
  #provider: Provider | undefined;
  /** The nearest `lang`. */
  #lang: string | undefined;
  #hasDir = false;
  /** What the language was last chosen by. */
  #from: readonly unknown[] = [];
  #tell!: () => void;

  constructor(host: LanguageHost) {
    this.#host = host;
    host.language = ENGLISH;
    this.ready = new Promise((resolve) => {
      this.#tell = resolve;
      setTimeout(resolve, PATIENCE_MS);
    });
    host.addController(this);
    if (!host.isConnected) this.#tell();
  }

  hostConnected(): void {
    addEventListener('languagechange', this.#anew);
    addEventListener(WORDS_CHANGED, this.#anew);
    for (const element of ancestors(this.#host)) {
      this.#observer.observe(element, { attributes: true, attributeFilter: ['lang', 'dir'] });
      if (element.localName === 'xians-provider') this.#provider ??= element as Provider;
    }
    this.#provider?.addController?.(this.#followed);
    this.#look();
  }

  hostDisconnected(): void {
    removeEventListener('languagechange', this.#anew);
    removeEventListener(WORDS_CHANGED, this.#anew);
    this.#observer.disconnect();
    this.#provider?.removeController?.(this.#followed);
    this.#provider = undefined;
  }

  hostUpdate(): void {
    if (this.#host.isConnected) this.#check();
  }

  #anew = () => {
    this.#from = [];
    this.#check();
  };

  #look(): void {
    const elements = [...ancestors(this.#host)];
    this.#lang = elements.find((one) => one.hasAttribute('lang'))?.getAttribute('lang') ?? undefined;
    // What was set below is no wish of the page.
    this.#hasDir = elements.some((one) => one.hasAttribute('dir') && !turned.has(one));
    this.#check();
  }

  #check(): void {
    const { locale, strings } = this.#host;
    const provider = this.#provider;
    const wanted = locale || provider?.locale || this.#lang;
    const from = [wanted, strings, provider?.strings, this.#hasDir];
    if (same(from, this.#from)) return;
    this.#from = from;
    const { tag, spoken } = chooseLocale(wanted);
    if (spoken === 'en' || loaded.has(spoken)) return this.#speak(tag, loaded.get(spoken));
    void loadLocale(spoken).then((translation) => {
      if (from === this.#from) this.#speak(tag, translation);
    });
  }

  #speak(tag: string | undefined, translation: Locale | undefined): void {
    const host = this.#host;
    const spoken = translation?.tag ?? 'en';
    const own = Object.assign(
      {},
      ...pageWords
        .filter(([, locale]) => !locale || canonical(locale) === spoken)
        .map(([words]) => clean(words)),
      this.#provider && ownWords(this.#provider),
      ownWords(host),
    ) as OwnWords;
    host.language = new Language(tag, translation?.words, spoken, own);
    turn(host, !this.#hasDir && isRightToLeft(spoken));
    host.requestUpdate();
    this.#tell();
  }
}

/** Hosts that have a language, or wait for it. */
const speaking = new WeakMap<LanguageHost, Promise<void>>();

/** Sees to it that `host` has a language, and follows it from then on. Resolves when its words can be shown. */
export function speak(host: LanguageHost): Promise<void> {
  let ready = speaking.get(host);
  if (!ready) speaking.set(host, (ready = new LanguageController(host).ready));
  return ready;
}

/** Elements that run from right to left because of their language. */
const turned = new WeakSet<Element>();

/** A language that the page does not share brings its direction along, unless the page has said one. */
function turn(host: HTMLElement, isTurned: boolean): void {
  if (isTurned === turned.has(host)) return;
  if (isTurned) {
    turned.add(host);
    host.dir = 'rtl';
  } else {
    turned.delete(host);
    host.removeAttribute('dir');
  }
}

/** `element` and what it stands in, out of shadow roots too. */
function* ancestors(element: Element): Generator<Element> {
  for (let node: Node | null = element; node;) {
    if (node instanceof Element) yield node;
    node = node instanceof ShadowRoot ? node.host : node.parentNode;
  }
}

/** @param wanted Default: the first of the reader's languages that there are words in. */
function chooseLocale(wanted: string | undefined): { tag: string | undefined; spoken: string } {
  const offered = Object.keys(LOCALES);
  const tags = (wanted ? [wanted] : navigator.languages).map(canonical);
  for (const tag of tags) {
    const spoken = tag && matchLocale(tag, offered);
    if (spoken) return { tag, spoken };
  }
  return { tag: tags[0], spoken: 'en' };
}

async function loadLocale(tag: string): Promise<Locale | undefined> {
  try {
    const { default: locale } = await (LOCALES[tag] as (typeof LOCALES)[string])();
    loaded.set(tag, locale);
    return locale;
  } catch {
    // The texts are there in English; the page's author finds the request that failed beside this line.
    if (!failed.has(tag))
      console.warn(`xians-widgets: no words for "${tag}" could be loaded, so English is used.`);
    failed.add(tag);
    return undefined;
  }
}

function ownWords(owner: Element & { readonly strings?: unknown }): OwnWords {
  const { strings } = owner;
  const known = parsed.get(owner);
  if (known && known[0] === strings) return known[1];
  const own = clean(typeof strings === 'string' ? parse(strings, owner) : strings);
  parsed.set(owner, [strings, own]);
  return own;
}

function parse(json: string, owner: Element): unknown {
  try {
    return json.trim() && JSON.parse(json);
  } catch {
    owner.dispatchEvent(
      new XiansErrorEvent(new RealtimeError('input', 'The attribute strings is not JSON.')),
    );
  }
  return undefined;
}

/** What can be said of what a page gave. */
function clean(own: unknown): OwnWords {
  return Object.fromEntries(
    Object.entries(own ?? {}).filter((entry): entry is [string, Text] => isText(entry[1])),
  );
}

function isText(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value === 'string';
  return 'other' in value && Object.values(value).every((form) => typeof form === 'string');
}
