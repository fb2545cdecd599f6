import type { ChatFormat } from './chat-format.ts';
import type { ChatTranscript } from './chat-transcript.ts';
import { beginning } from './speaker.ts';
import type { TranscriptItem } from './transcript.ts';

/** What takes part in a message's own order of focus. */
const CONTROLS = ':is(a[href], button, summary, input, select, textarea, [tabindex="0"])';
const ROW = '[data-key]';
/** Texts of a message, and their sources. */
const TEXTS = '.rich, .plain, .sources';

/** What {@link ChatKeys} needs to know and to have done. */
export interface ChatKeysPorts {
  readonly transcript: ChatTranscript;
  format(): ChatFormat;
  /** Who speaks in a message. */
  nameOf(item: TranscriptItem): string | undefined;
  /** Gives focus to the field. */
  toField(): void;
}

let ids = 0;

/**
 * Reading by keyboard. The transcript is one stop of Tab, however much can be pressed in it: from there arrows, Home,
 * End, Page Up and Page Down go from message to message, Enter into a message, Escape out of it and then to the field.
 * Letters are left alone: a screen reader's user finds headings and links with them.
 */
export class ChatKeys {
  readonly #ports: ChatKeysPorts;
  #box: HTMLElement | undefined;
  /** Row that had focus last. */
  #key: string | undefined;
  /** A press of Tab is under way. */
  #tabbing = false;

  constructor(ports: ChatKeysPorts) {
    this.#ports = ports;
  }

  /** Listens in `box`, and only there. */
  attach(box: HTMLElement | undefined): void {
    if (box === this.#box) return;
    this.detach();
    this.#box = box;
    box?.addEventListener('keydown', this.#onKey);
    box?.addEventListener('focusin', this.#onFocus);
    box?.addEventListener('focusout', this.#onBlur);
    for (const type of ['keydown', 'pointerdown'])
      box?.getRootNode().addEventListener(type, this.#onPress, true);
  }

  detach(): void {
    const box = this.#box;
    box?.removeEventListener('keydown', this.#onKey);
    box?.removeEventListener('focusin', this.#onFocus);
    box?.removeEventListener('focusout', this.#onBlur);
    for (const type of ['keydown', 'pointerdown'])
      box?.getRootNode().removeEventListener(type, this.#onPress, true);
    this.#box = undefined;
  }

  /** Gives focus to the row of a message, or to the newest one, and resolves when it has it. */
  async focusRow(key = this.#keys().at(-1)): Promise<void> {
    const row = key === undefined ? undefined : await this.#ports.transcript.reveal(key);
    if (row) this.#focus(row);
  }

  #onPress = (event: Event) => {
    this.#tabbing = event instanceof KeyboardEvent && event.key === 'Tab';
  };

  #onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const target = event.target as Element;
    const row = target.closest<HTMLElement>(ROW);
    if (target !== this.#box && !(row && target === stopOf(row))) {
      // In a control everything belongs to it, apart from the way out.
      if (event.key === 'Escape' && row) this.#take(event, () => this.#focus(row));
      return;
    }
    if (event.key === 'Tab') return this.#leave(event.shiftKey);
    if (event.shiftKey) return;
    if (event.key === 'Escape' && row) return this.#take(event, () => this.#ports.toField());
    if (event.key === 'Enter' && row) {
      const control = controlsIn(row)[0];
      if (control && target.localName !== 'summary') this.#take(event, () => control.focus());
      return;
    }
    const next = this.#next(event.key, row);
    if (next !== undefined) this.#take(event, () => void this.focusRow(next));
  };

  /** Whoever comes from below would land on the last thing that can be pressed. */
  #onFocus = ({ target, relatedTarget }: FocusEvent) => {
    const row = (target as Element).closest<HTMLElement>(ROW);
    this.#key = row?.dataset['key'] ?? this.#key;
    if (!row || !this.#tabbing || !this.#box) return;
    if (!(relatedTarget instanceof Node && this.#box.contains(relatedTarget))) this.#box.focus();
  };

  /** Only what has focus has a name: otherwise all would be said twice. */
  #onBlur = ({ target }: FocusEvent) => {
    const stop = target as Element;
    if (stop.matches(`${ROW}, article`))
      ['aria-label', 'aria-labelledby'].forEach((name) => stop.removeAttribute(name));
  };

  #keys(): string[] {
    return this.#ports.transcript.items.filter(({ kind }) => kind !== 'day').map(({ key }) => key);
  }

  /** Where `key` leads to from `row`; from the box to what had focus last, or the newest message. */
  #next(pressed: string, row: HTMLElement | null): string | undefined {
    const keys = this.#keys();
    const last = keys.length - 1;
    const known = keys.indexOf(row?.dataset['key'] ?? this.#key ?? '');
    const at = known < 0 ? last : known;
    const to: Record<string, () => number> = {
      ArrowUp: () => (row ? at - 1 : at),
      ArrowDown: () => (row ? at + 1 : at),
      PageUp: () => this.#screenFrom(keys, at, -1),
      PageDown: () => this.#screenFrom(keys, at, 1),
      Home: () => 0,
      End: () => last,
    };
    const index = to[pressed]?.();
    return index === undefined ? undefined : keys[Math.min(last, Math.max(0, index))];
  }

  /** The message about as far away as the box is high, but at least the next one. */
  #screenFrom(keys: readonly string[], from: number, step: 1 | -1): number {
    const topOf = (index: number) =>
      this.#ports.transcript.rowOf(keys[index] ?? '')?.getBoundingClientRect().top;
    const start = topOf(from) ?? 0;
    const far = (this.#box?.clientHeight ?? 0) * 0.9;
    let to = from + step;
    for (
      let top = topOf(to + step);
      top !== undefined && Math.abs(top - start) < far;
      top = topOf(to + step)
    ) {
      to += step;
    }
    return to;
  }

  #take(event: KeyboardEvent, act: () => void): void {
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** Tab goes on from where focus is by then: before the messages, or after them. */
  #leave(backwards: boolean): void {
    const edge = backwards ? this.#box : this.#box?.parentElement?.querySelector<HTMLElement>('.end');
    edge?.focus({ preventScroll: true });
  }

  #focus(row: HTMLElement): void {
    const { transcript, format, nameOf } = this.#ports;
    const item = transcript.items.find(({ key }) => key === row.dataset['key']);
    const stop = stopOf(row);
    const who = item && nameOf(item);
    if (stop.localName === 'article' && item?.kind === 'message' && who) {
      // Who and when, then what: the text as it is drawn, but without what can be pressed in it, and then what is with it.
      const text = item.message.text?.trim() ? beginning(transcript.textOf(item.key)) : '';
      const others = [...(row.querySelector('.bubble')?.children ?? [])];
      stop.setAttribute('aria-label', [who, format().time(item.message.createdAt), text].join(', '));
      stop.setAttribute(
        'aria-labelledby',
        [stop, ...others.filter((part) => !text || !part.matches(TEXTS))].map(idOf).join(' '),
      );
    } else if (stop === row) {
      stop.role = 'group';
      stop.setAttribute('aria-labelledby', idOf(row.firstElementChild ?? row));
    }
    if (stop.localName !== 'summary') stop.tabIndex = -1;
    stop.focus({ preventScroll: true });
  }
}

/** What of a row takes focus. */
function stopOf(row: HTMLElement): HTMLElement {
  return row.querySelector<HTMLElement>('article, summary') ?? row;
}

function controlsIn(row: HTMLElement): HTMLElement[] {
  return [...row.querySelectorAll<HTMLElement>(CONTROLS)].filter((control) => control.checkVisibility());
}

function idOf(element: Element): string {
  return (element.id ||= `row-${++ids}`);
}
