import { html, render, type ReactiveControllerHost } from 'lit';
import type { Incident } from '../protocol/incident.ts';
import { byNewest, severityRank } from '../protocol/incident-words.ts';
import { FeedGeometry } from './feed-geometry.ts';
import { ReadingPlace, survivor } from './feed-place.ts';
import type { PendingByIncident } from './feed-pending.ts';
import { renderRow, rowLabel, type RowPorts } from './feed-row.ts';
import type { FeedRows } from './feed-rows.ts';
import { severityClass } from './feed-severity.ts';
import type { FeedTime } from './feed-time.ts';
import { feedSays } from './feed-words.ts';
import { same } from './same.ts';

/** Rows drawn above and below those that show, so that scrolling meets no gap. */
const OVERSCAN = 8;
/** Elements kept for rows to come. */
const SPARES = 24;

/** What the list is drawn from. */
export interface ListContent {
  readonly view: FeedRows;
  /** The newest incident of the feed, whether or not it shows. */
  readonly newest: Incident | undefined;
  readonly open: string | undefined;
  readonly pending: PendingByIncident;
  readonly time: FeedTime;
  /** Milliseconds since 1970 by the server's clock. */
  readonly now: number;
  /** How many there are in all, -1 if nobody knows. */
  readonly total: number;
  readonly busy: boolean;
  /** Ids that arrived with this change, to be pointed out. */
  readonly arrived: ReadonlySet<string>;
  /** Names of the slots that the page has filled. */
  readonly slots: ReadonlySet<string>;
}

/** A row, or the heading of a group, in the document, and what it was last drawn from. */
interface Drawn {
  readonly element: HTMLElement;
  from: readonly unknown[];
}

/**
 * The rows of a feed. Only those that show, and a few around them, are in the document; the one that has focus and the one
 * that is open always are. A reader who is not at the top, or who is reading there, keeps the place.
 */
export class FeedList {
  /** To be put into the box that scrolls, as they are. */
  readonly elements: readonly HTMLElement[];
  readonly place: ReadingPlace;

  readonly #ports: RowPorts;
  readonly #host: ReactiveControllerHost;
  readonly #feed = make('rows');
  readonly #sticky = make('sticky', 'none');
  readonly #rowProbe = make('row probe');
  readonly #groupProbe = make('group probe');
  readonly #sizes = new ResizeObserver(() => this.#measure());
  #box: HTMLElement | undefined;
  #rowSize = 0;
  #groupSize = 0;
  #openExtra = 0;

  #content: ListContent | undefined;
  #geometry = new FeedGeometry(0, [], { row: 1, group: 1, open: -1, openExtra: 0 });
  #drawn = new Map<string, Drawn>();
  readonly #ids = new WeakMap<Element, string>();
  readonly #spares: HTMLElement[] = [];
  #openElement: HTMLElement | undefined;
  #active: string | undefined;
  #activeIndex = 0;
  #openIndex = -1;
  /** The newest incident when the reader was last at the top. */
  #seen: Incident | undefined;
  #newAbove = 0;

  constructor(host: ReactiveControllerHost, ports: RowPorts) {
    this.#host = host;
    this.#ports = ports;
    this.elements = [this.#sticky, this.#feed];
    this.place = new ReadingPlace(() => this.#onScroll());
    this.#feed.append(this.#rowProbe, this.#groupProbe);
    for (const probe of [this.#rowProbe, this.#groupProbe]) probe.ariaHidden = 'true';
    this.#sticky.ariaHidden = 'true';
    this.#feed.addEventListener('focusin', (event) => this.#onFocus(event));
  }

  /** Incidents that arrived above what the reader looks at. */
  get newAbove(): number {
    return this.#newAbove;
  }

  /** The incident that keys act on: the one that the reader went to, and never another that has taken its place. */
  get active(): Incident | undefined {
    const row = this.#content?.view.rows[this.#activeIndex];
    return row?.id === this.#active ? row : undefined;
  }

  get isFocused(): boolean {
    return this.#focused !== undefined;
  }

  /** Whether `element` is the row of an incident, and not something in it. */
  isRow(element: EventTarget | undefined): boolean {
    return element instanceof Element && this.#ids.has(element);
  }

  /** Watches `box`, which scrolls. The same box again changes nothing. */
  attach(box: HTMLElement | null): void {
    if (this.#box === (box ?? undefined)) return;
    this.rest();
    if (!box) return;
    this.#box = box;
    this.place.attach(box);
    for (const one of [box, this.#rowProbe, this.#groupProbe]) this.#sizes.observe(one);
    if (this.#openElement) this.#sizes.observe(this.#openElement);
    this.#measure();
  }

  /** Stops watching. */
  rest(): void {
    this.#box = undefined;
    this.#sizes.disconnect();
    this.place.rest();
  }

  /** Forgets what was drawn, with the reader's place. */
  clear(): void {
    this.#content = undefined;
    this.#seen = this.#active = undefined;
    this.#sync();
  }

  /** @param isOther Whether the reader has asked for other rows, so that there is no place to keep. */
  draw(content: ListContent, isOther: boolean): void {
    const before = this.#content;
    if (content.open !== before?.open) this.#openExtra = 0;
    if (isOther) this.#seen = undefined;
    const from = before?.view.rows ?? [];
    const { rows } = content.view;
    if (rows !== from || content.open !== before?.open) {
      const anchor = isOther || from.length === 0 ? undefined : this.#anchor(from);
      this.#activeIndex = Math.max(0, survivor(from, this.#activeIndex, rows, this.#active));
      this.#openIndex = rows.findIndex(({ id }) => id === content.open);
      this.#content = content;
      this.#measureOut();
      if (isOther) this.place.toTop();
      else if (anchor) {
        const index = survivor(from, anchor.index, rows);
        if (index >= 0) this.place.keep(this.#geometry.row(index) - anchor.above);
      }
    } else this.#content = content;
    this.#sync();
    // The rows below it go on where it ends, in this very frame.
    if (this.#openElement) this.#measure();
  }

  /** Gives focus to the row that had it last, or to the list if that row has gone. */
  resume(): void {
    const { active } = this;
    const element = active && this.#element(active.id);
    if (!element) this.#active = undefined;
    (element ?? this.#box)?.focus({ preventScroll: true });
  }

  #restore(focused: Element): void {
    const row = focused.closest('.row');
    const isActive = row !== null && this.#ids.get(row) === this.#active;
    if (isActive && focused.isConnected && focused instanceof HTMLElement) {
      focused.focus({ preventScroll: true });
    }
    if (this.#focused !== focused) this.resume();
  }

  /** Moves focus to the row at `index`, or the nearest there is. */
  focusRow(index: number): void {
    const rows = this.#content?.view.rows ?? [];
    this.#activeIndex = Math.min(Math.max(0, index), rows.length - 1);
    this.#active = rows[this.#activeIndex]?.id;
    if (this.#active === undefined) return;
    const top = this.#geometry.row(this.#activeIndex);
    this.place.reveal(
      top - this.#coveredBy(this.#activeIndex),
      top + this.#geometry.heightOf(this.#activeIndex),
    );
    this.#sync();
    this.#element(this.#active)?.focus({ preventScroll: true });
  }

  /** By `rows` up or down from the row that has focus; `'page'`: by as many as show. */
  move(by: number | 'page-up' | 'page-down'): void {
    const page = Math.max(1, Math.floor(this.place.height / (this.#rowSize || 1)) - 1);
    const step = by === 'page-down' ? page : by === 'page-up' ? -page : by;
    // Where a row has gone, the next one is in its place already.
    this.focusRow(this.#activeIndex + (this.active || step < 0 ? step : step - 1));
  }

  /** Makes the open row show, as far as it fits. */
  revealOpen(): void {
    if (this.#openIndex < 0) return;
    const top = this.#geometry.row(this.#openIndex);
    const bottom = top + Math.min(this.#geometry.heightOf(this.#openIndex), this.place.height);
    this.place.reveal(top - this.#coveredBy(this.#openIndex), bottom);
  }

  toTop(): void {
    this.place.toTop();
    this.#sync();
  }

  /** What lies over the first rows. */
  #coveredBy(index: number): number {
    return this.#geometry.groupOf(index) >= 0 ? this.#groupSize : 0;
  }

  get #focused(): Element | undefined {
    const root = this.#feed.getRootNode();
    const focused = root instanceof ShadowRoot ? root.activeElement : null;
    return focused && this.#feed.contains(focused) ? focused : undefined;
  }

  #element(id: string): HTMLElement | undefined {
    return this.#drawn.get(`row ${id}`)?.element;
  }

  #onFocus(event: FocusEvent): void {
    const row = event.target instanceof Element ? event.target.closest('.row') : null;
    const id = row ? this.#ids.get(row) : undefined;
    if (id === undefined || id === this.#active) return;
    this.#active = id;
    this.#activeIndex = this.#content?.view.rows.findIndex((one) => one.id === id) ?? 0;
    this.#sync();
  }

  #onScroll(): void {
    const { newAbove } = this;
    this.#sync();
    if (newAbove !== this.newAbove) this.#host.requestUpdate();
  }

  #measure(): void {
    const { height: row } = this.#rowProbe.getBoundingClientRect();
    const { height: group } = this.#groupProbe.getBoundingClientRect();
    const extra = this.#openElement ? this.#openElement.getBoundingClientRect().height - row : 0;
    const changed = !same([row, group, extra], [this.#rowSize, this.#groupSize, this.#openExtra]);
    const from = this.#content?.view.rows ?? [];
    const anchor = changed && this.#rowSize > 0 ? this.#anchor(from) : undefined;
    this.place.measure();
    [this.#rowSize, this.#groupSize, this.#openExtra] = [row, group, extra];
    if (changed) this.#measureOut();
    if (anchor) this.place.keep(this.#geometry.row(anchor.index) - anchor.above);
    this.#sync();
  }

  #measureOut(): void {
    const { rows = [], groups = [] } = this.#content?.view ?? {};
    this.#geometry = new FeedGeometry(rows.length, groups, {
      row: this.#rowSize || 1,
      group: this.#groupSize,
      open: this.#openIndex,
      openExtra: this.#openExtra,
    });
    // No attribute: a page may forbid those for styles.
    this.#feed.style.blockSize = `${this.#geometry.height}px`;
    this.#box?.parentElement?.style.setProperty('--_rows', `${this.#geometry.height}px`);
  }

  /** The row that keeps its place on the screen: the one in use if it shows, else the first that does. None at the top. */
  #anchor(rows: readonly Incident[]): { index: number; above: number } | undefined {
    const { top, bottom } = this.place;
    const used = this.isFocused ? this.#activeIndex : this.#openIndex;
    const hold = used >= 0;
    if (!this.place.holds(hold)) return undefined;
    const at = used >= 0 && used < rows.length ? this.#geometry.row(used) : -1;
    const shows = at >= 0 && at + this.#geometry.heightOf(used) > top && at < bottom;
    const index = shows ? used : this.#geometry.at(top);
    return { index, above: this.#geometry.row(index) - top };
  }

  /** Brings the document up to what shows now. */
  #sync(): void {
    const { view, newest } = this.#content ?? {};
    const rows = view?.rows ?? [];
    const focused = this.#focused;
    const geometry = this.#geometry;
    if (!this.#box || this.#rowSize === 0) return;
    const first = geometry.at(this.place.top);
    const wanted = new Set<number>();
    if (this.#openIndex >= 0) wanted.add(this.#openIndex);
    if (focused && rows.length > 0) wanted.add(this.#activeIndex);
    const end = Math.min(rows.length, geometry.at(this.place.bottom) + 1 + OVERSCAN);
    for (let index = Math.max(0, first - OVERSCAN); index < end; index++) wanted.add(index);

    this.#free(wanted, rows);
    const kept = new Set<string>();
    const order: HTMLElement[] = [];
    let group = -1;
    // Stops of the Tab key: the row last used, or the first that shows.
    const stop = wanted.has(this.#activeIndex) && rows[this.#activeIndex]?.id === this.#active;
    for (const index of [...wanted].sort((one, other) => one - other)) {
      const incident = rows[index];
      if (!incident) continue;
      const own = geometry.groupOf(index);
      if (own !== group && own >= 0) order.push(this.#drawHeading(own, kept));
      group = own;
      const isStop = stop ? index === this.#activeIndex : index === first;
      order.push(this.#drawRow(incident, index, isStop, kept));
    }
    this.#remove(kept);
    this.#arrange(order);
    this.#watchOpen();
    this.#drawSticky(first);
    // A feed without articles is none.
    this.#feed.role = rows.length > 0 ? 'feed' : null;
    this.#feed.ariaLabel =
      rows.length > 0 ? (this.#content?.time.language.words(feedSays).list ?? null) : null;
    this.#feed.ariaBusy = String(this.#content?.busy ?? true);
    // What had focus has gone, or was moved: then somebody may be writing in it.
    if (focused && this.#focused !== focused) this.#restore(focused);
    this.#countNew(rows, first, newest);
  }

  #drawHeading(group: number, kept: Set<string>): HTMLElement {
    const { key, name, count } = this.#content?.view.groups[group] ?? { key: '', name: '', count: 0 };
    const drawn = this.#take(`group ${key}`, kept, () => make('group'));
    const text = this.#groupName(name, count);
    if (!same(drawn.from, [text])) drawn.element.textContent = text;
    drawn.from = [text];
    drawn.element.part.add('group');
    move(drawn.element, this.#geometry.heading(group));
    return drawn.element;
  }

  #groupName(name: string, count: number): string {
    return this.#content?.time.language.words(feedSays).inGroup({ name, count }) ?? name;
  }

  #drawRow(incident: Incident, index: number, isStop: boolean, kept: Set<string>): HTMLElement {
    const { id } = incident;
    const content = this.#content as ListContent;
    const isOpen = content.open === id;
    const drawn = this.#take(`row ${id}`, kept, () => {
      const element = this.#spares.pop() ?? document.createElement('article');
      element.className = content.arrived.has(id) ? 'new' : '';
      this.#ids.set(element, id);
      return element;
    });
    const { element } = drawn;
    const { time, now, total } = content;
    const look = {
      incident,
      age: time.span(now - incident.createdAt),
      pending: content.pending.of(id),
      isOpen,
      isActive: isStop,
      hasSlot: content.slots.has(`row-${id}`),
      time,
    };
    const from = [incident, look.age, look.pending, isOpen, isStop, look.hasSlot, time, index, total];
    // What is below the line of the open one changes by itself.
    if (isOpen || !same(from, drawn.from)) {
      drawn.from = from;
      const open = isOpen ? ' row-open' : '';
      set(element, 'part', `row row-${severityClass(incident.severity)} row-${incident.phase}${open}`);
      set(element, 'tabindex', isStop ? '0' : '-1');
      set(element, 'aria-posinset', String(index + 1));
      set(element, 'aria-setsize', String(total));
      set(element, 'aria-label', rowLabel(incident, time.language));
      const isNew = element.classList.contains('new');
      set(element, 'class', `row ${rowClass(incident)}${isOpen ? ' open' : ''}${isNew ? ' new' : ''}`);
      render(renderRow(look, this.#ports), element);
    }
    move(element, this.#geometry.row(index));
    return element;
  }

  #take(key: string, kept: Set<string>, create: () => HTMLElement): Drawn {
    kept.add(key);
    let drawn = this.#drawn.get(key);
    if (!drawn) this.#drawn.set(key, (drawn = { element: create(), from: [] }));
    return drawn;
  }

  /** Makes the elements of rows that are not wanted any more ready for others, in the order in which they stand. */
  #free(wanted: ReadonlySet<number>, rows: readonly Incident[]): void {
    const ids = new Set([...wanted].map((index) => rows[index]?.id));
    for (const element of [...this.#feed.children].reverse()) {
      const id = this.#ids.get(element);
      if (id === undefined || ids.has(id)) continue;
      this.#drawn.delete(`row ${id}`);
      this.#ids.delete(element);
      // Nobody's focus goes on to another incident.
      if (element.classList.contains('open') || element.contains(this.#focused ?? null)) element.remove();
      else this.#spares.push(element as HTMLElement);
    }
  }

  /** Takes out of the document what nothing stands for. */
  #remove(kept: ReadonlySet<string>): void {
    for (const [key, { element }] of this.#drawn) {
      if (kept.has(key)) continue;
      this.#drawn.delete(key);
      element.remove();
    }
    for (const spare of this.#spares) spare.remove();
    this.#spares.length = Math.min(this.#spares.length, SPARES);
  }

  /** Puts `order` into the document, without touching what is in its place: moving an element takes focus from it. */
  #arrange(order: readonly HTMLElement[]): void {
    let next = this.#groupProbe.nextSibling;
    for (const element of order) {
      if (element === next) next = next.nextSibling;
      else this.#feed.insertBefore(element, next);
    }
  }

  #watchOpen(): void {
    const { open } = this.#content ?? {};
    const element = open === undefined ? undefined : this.#element(open);
    if (element === this.#openElement) return;
    if (this.#openElement) this.#sizes.unobserve(this.#openElement);
    this.#openElement = element;
    if (element) this.#sizes.observe(element);
  }

  /** The heading of the group that the first row on the screen is in. */
  #drawSticky(first: number): void {
    const group = this.#content?.view.groups[this.#geometry.groupOf(first)];
    this.#sticky.hidden = !group;
    if (!group) return;
    render(html`<div class="group">${this.#groupName(group.name, group.count)}</div>`, this.#sticky);
  }

  #countNew(rows: readonly Incident[], first: number, newest: Incident | undefined): void {
    if (this.place.isAtTop || !this.#seen) {
      this.#seen = newest;
      this.#newAbove = 0;
      return;
    }
    let count = 0;
    const isGrouped = (this.#content?.view.groups.length ?? 0) > 0;
    for (let index = 0; index < first; index++) {
      const row = rows[index];
      if (row && byNewest(row, this.#seen) < 0) count++;
      else if (!isGrouped) break;
    }
    this.#newAbove = count;
  }
}

function rowClass({ phase, severity }: Incident): string {
  if (phase === 'open' && severityRank(severity) < 2) return `urgent ${severityClass(severity)}`;
  return phase === 'done' ? 'done' : '';
}

function make(className: string, role?: string): HTMLElement {
  const element = document.createElement('div');
  element.className = className;
  if (role) element.role = role;
  return element;
}

function move(element: HTMLElement, y: number): void {
  const place = `0 ${y}px`;
  if (element.style.translate !== place) element.style.translate = place;
}

function set(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
