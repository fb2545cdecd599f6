import { ENGLISH, type Language } from './language.ts';
import { speechWords } from './speech-words.ts';

/** What comes within this time is read out together: each change of a live region may cut off the one before. */
const GATHER_MS = 300;
/** So many messages are read out at a time; of the others, only how many they are. */
const MESSAGES_AT_ONCE = 2;
/** Longer texts are not read out to their end, in UTF-16 units: about a minute. */
const SPOKEN_LENGTH = 1_200;
/** A sentence that ends after this share of that length is a good end. */
const LEAST_SHARE = 0.6;

interface Speech {
  readonly text: () => string;
  readonly isMessage: boolean;
}

/** Collects what assistive technology is to read out next, for a live region that shows {@link words}. */
export class Speaker {
  readonly #changed: () => void;
  readonly #language: () => Language;
  #next: Speech[] = [];
  #timer: number | undefined;
  #words = '';

  /** @param changed Called when there are other words. */
  constructor(changed: () => void, language = () => ENGLISH) {
    this.#changed = changed;
    this.#language = language;
  }

  /** The content of the live region. */
  get words(): string {
    return this.#words;
  }

  /** Has `text` read out; it is asked for at the last moment. Of many messages only the first are. */
  say(text: () => string, isMessage = false): void {
    this.#next.push({ text, isMessage });
    this.#timer ??= window.setTimeout(this.#speak, GATHER_MS);
  }

  /** Says nothing more, and forgets what was said. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#next = [];
    this.#words = '';
  }

  #speak = () => {
    const before = this.#words;
    const words = this.#language().words(speechWords);
    let room = MESSAGES_AT_ONCE;
    const texts = this.#next
      .filter(({ isMessage }) => !isMessage || --room >= 0)
      .map(({ text }) => {
        const whole = text();
        const said = beginning(whole);
        return said === whole ? whole : words.cut({ text: said });
      });
    if (room < 0) texts.push(words.more({ count: -room }));
    this.clear();
    this.#words = texts.join('\n');
    // The same words again are news only if something about them differs.
    if (this.#words === before) this.#words += '\u00a0';
    this.#changed();
  };
}

/** As much of `text` as is read out: up to the end of a sentence, else of a word. */
export function beginning(text: string): string {
  if (text.length <= SPOKEN_LENGTH) return text;
  const most = text.slice(0, SPOKEN_LENGTH);
  const [sentences = ''] = /^.*[.!?。！？؟](?=\s)/s.exec(most) ?? [];
  if (sentences.length > SPOKEN_LENGTH * LEAST_SHARE) return sentences;
  const [words = ''] = /^.*(?=\s)/s.exec(most) ?? [];
  // Half of a character is none.
  return words || most.replace(/[\ud800-\udbff]$/, '');
}
