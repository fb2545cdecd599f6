import { html, nothing, type ReactiveController, type TemplateResult } from 'lit';
import type { ActionReceipt } from '../client/incident-types.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { isServersWish } from '../protocol/error-details.ts';
import type { Incident, IncidentAction, IncidentActionKind } from '../protocol/incident.ts';
import { pageStorage } from '../queue/waiting-mark.ts';
import { addStyles } from './add-styles.ts';
import { FeedAnnouncer } from './feed-announcer.ts';
import type { DetailsPorts, FeedDetails } from './feed-details.ts';
import { XiansIncidentSelectedEvent } from './feed-events.ts';
import { renderFilters, type FiltersPorts } from './feed-filters.ts';
import { renderHead } from './feed-head.ts';
import { incidentHash } from './feed-hash.ts';
import type { FeedHost } from './feed-host.ts';
import { icon } from './feed-icons.ts';
import { commandOf, type FeedCommand } from './feed-keys.ts';
import { FeedList } from './feed-list.ts';
import type { FeedMenus } from './feed-menus.ts';
import {
  renderBanners,
  renderButton,
  renderNone,
  renderNote,
  renderSkeleton,
  renderUnknown,
  type NotePorts,
} from './feed-notes.ts';
import { PendingByIncident } from './feed-pending.ts';
import { FeedPulse } from './feed-pulse.ts';
import { rowStyles } from './feed-row-styles.ts';
import {
  FeedArranger,
  isFiltering,
  NO_FILTERS,
  sourcesOf,
  type FeedFilters,
  type FeedRows,
  type Grouping,
} from './feed-rows.ts';
import { FeedSession } from './feed-session.ts';
import { feedWords, isStuck, type FeedWords } from './feed-status.ts';
import { feedStyles } from './feed-styles.ts';
import { FeedTime } from './feed-time.ts';
import { ENGLISH, type Language } from './language.ts';
import { actionWords } from './feed-action-words.ts';
import { errorText } from './error-text.ts';
import { feedSays } from './feed-words.ts';
import { LazyPart } from './lazy-part.ts';
import { PageScheme } from './page-scheme.ts';
import { same } from './same.ts';
import { viewTheme } from './view-theme.ts';
import type { Words } from './words.ts';

/** Where a reader's choice of notifications is kept, once there is one. */
const CHOICE_KEY = 'xians-feed-notify';
/** Milliseconds between two looks for sources that are new. */
const SOURCES_MS = 1_000;
/** More at once are not pointed out one by one. */
const POINTED_OUT = 10;

/** What an incident's state allows. */
const ALLOWED: Record<IncidentActionKind, (incident: Incident) => boolean> = {
  acknowledge: ({ phase }) => phase === 'open' || phase === 'unknown',
  assign: ({ phase }) => phase !== 'done',
  escalate: ({ phase }) => phase !== 'done',
  resolve: ({ phase }) => phase !== 'done',
  comment: () => true,
  reopen: ({ phase }) => phase === 'done',
};

/**
 * What a reader sees of a feed, drawn inside the shadow root of its host, so that parts and tokens of the host's page reach
 * it. Make it after the host has been rendered once. It follows the host's feed while the host is in the document.
 */
export class FeedView implements ReactiveController {
  readonly #host: FeedHost;
  readonly #pulse: FeedPulse;
  readonly #session: FeedSession;
  readonly #list: FeedList;
  /** Fetched when one is opened, or an earlier choice of notifications needs it. */
  readonly #menus: LazyPart<FeedMenus>;
  readonly #announcer = new FeedAnnouncer(() => this.#host.language);
  readonly #arranger = new FeedArranger();
  readonly #pending = new PendingByIncident();
  /** Fetched when an incident is opened. */
  readonly #details: LazyPart<FeedDetails>;
  readonly #ports: DetailsPorts;

  #time = new FeedTime(ENGLISH);
  #language: Language | undefined;
  #filters: FeedFilters = NO_FILTERS;
  /** What the reader chose; until then what the page says. */
  #grouping: Grouping | undefined;
  #arranged: readonly unknown[] = [];
  #view: FeedRows = { rows: [], groups: [], counts: new Map(), left: undefined };
  /** Other rows were asked for, so that the place in the old ones means nothing. */
  #isOther = false;
  #open: string | undefined;
  #form: IncidentActionKind | undefined;
  #sources: readonly string[] = [];
  #sourcesAt = -Infinity;
  #sourcesOf: readonly Incident[] | undefined;
  #hasFilters = false;
  #arrived = new Set<string>();
  #failure: string | undefined;
  #hasChosen: boolean | undefined;
  /** Opens the menu that was asked for. */
  #menu: (() => void) | undefined;
  #isLooking = false;

  constructor(host: FeedHost) {
    const update = () => host.requestUpdate();
    this.#host = host;
    this.#pulse = new FeedPulse(host);
    this.#menus = new LazyPart(async () => {
      const { FeedMenus } = await import('./feed-menus.ts');
      return new FeedMenus(host, CHOICE_KEY);
    }, update);
    this.#session = new FeedSession(host, {
      changed: this.#pulse.arrived,
      cleared: () => this.#clear(),
      known: (incidents) => {
        this.#announcer.know(incidents);
        this.#openLinked(incidents);
      },
      received: (incidents) => this.#onReceived(incidents),
      updated: (incidents) => this.#announcer.updated(incidents.filter((one) => this.#shows(one))),
    });
    this.#ports = {
      can: (kind, incident) => this.#can(kind, incident),
      act: (action) => this.#act(action),
      press: (action) => void this.#act(action).catch((reason: unknown) => this.#tellRefusal(action, reason)),
      retry: (id) => this.#run(this.#session.feed?.retry(id)),
      discard: (id) => this.#run(this.#session.feed?.discard(id)),
      toggle: (id) => this.#toggle(id),
      renderMore: (incident) => this.#renderMore(incident),
      say: (line) => this.#announcer.say(line),
    };
    this.#list = new FeedList(host, this.#ports);
    this.#details = new LazyPart(async () => {
      const { FeedDetails, styles } = await import('./feed-details.ts');
      addStyles(host, styles);
      return new FeedDetails(host, this.#ports);
    }, update);
    addStyles(host, viewTheme, feedStyles, rowStyles);
    host.addController(this);
    new PageScheme(host);
  }

  /** Looks now. Rejects with why what is shown could not be proved. */
  refresh(): Promise<void> {
    return this.#session.refresh();
  }

  /** Does something about an incident, as {@link IncidentFeed.act}. */
  act(action: IncidentAction): Promise<ActionReceipt> {
    return this.#session.act(action);
  }

  hostConnected(): void {
    this.#pulse.start();
    this.#announcer.start();
    this.#host.requestUpdate();
  }

  hostDisconnected(): void {
    this.#pulse.rest();
    this.#session.rest();
    this.#announcer.rest();
    this.#list.rest();
    this.#menus.rest();
    this.#menus.value?.rest();
    this.#details.rest();
    this.#details.value?.rest();
    this.#clear();
  }

  hostUpdate(): void {
    const { language, isConnected } = this.#host;
    // A host may draw itself once more after it was removed.
    if (!isConnected) return;
    if (language !== this.#language) {
      this.#language = language;
      this.#time = new FeedTime(language);
    }
    this.#session.follow();
    this.#pending.update(this.#session.feed?.pending ?? []);
    this.#arrange();
    this.#findSources();
  }

  hostUpdated(): void {
    if (!this.#host.isConnected) return;
    const { feed, incidents, isOpening } = this.#session;
    const view = this.#view;
    this.#list.attach(this.#host.renderRoot.querySelector<HTMLElement>('.scroller'));
    const newAbove = this.#list.newAbove;
    this.#list.draw(
      {
        view,
        newest: incidents[0],
        open: this.#open,
        pending: this.#pending,
        time: this.#time,
        now: Date.now() + (feed?.clockAheadMs ?? 0),
        total: feed?.hasMore && !isFiltering(this.#filters) ? (feed.total ?? -1) : view.rows.length,
        busy: isOpening || (feed?.isLoading ?? true),
        arrived: this.#arrived,
        slots: this.#slots(),
      },
      this.#isOther,
    );
    this.#isOther = false;
    this.#arrived = new Set();
    if (newAbove !== this.#list.newAbove) this.#pulse.schedule();
    if (this.#host.notify.length > 0 && (this.#hasChosen ??= Boolean(pageStorage()?.getItem(CHOICE_KEY))))
      this.#menus.want();
    this.#showMenu();
  }

  render(): TemplateResult {
    const { heading, notify, language } = this.#host;
    const words = this.#texts;
    const { feed, arrived } = this.#session;
    const name = heading ?? words.heading;
    const status = this.#status();
    const isDim = status.tone === 'unknown' && this.#view.rows.length > 0;
    // The banner says the rest.
    const short = isDim && feed ? { ...status, label: words.unknownShort, hint: undefined } : status;
    const newAbove = this.#list.newAbove;
    this.#announcer.situation(status.label);
    return html`<section
      class="ground feed ${isDim ? 'dim' : ''} ${arrived === undefined ? '' : 'paused'}"
      part="feed"
      lang=${language.spoken}
      aria-label=${name}
      @keydown=${this.#onKeyDown}
    >
      ${renderHead({ heading: name, status: short, arrived, hasNotify: notify.length > 0, language }, this.#headPorts)}
      ${renderBanners(isDim && feed ? status : undefined, this.#failure, this.#notes)}
      ${
        feed
          ? renderFilters(
              {
                filters: this.#filters,
                grouping: this.#by,
                counts: this.#view.counts,
                sources: this.#sources,
                time: this.#time,
                isOpen: this.#hasFilters,
              },
              this.#filterPorts,
            )
          : nothing
      }
      <div class="body">
        <div class="scroller" part="list" tabindex="-1">
          ${this.#list.elements} ${this.#renderPlaceholder(status)} ${this.#renderFoot()}
        </div>
        ${
          newAbove > 0
            ? html`<button type="button" class="pill jump" part="new" @click=${this.#onJump}>
                ${icon('up')}${words.newAbove({ count: newAbove })}
              </button>`
            : nothing
        }
      </div>
      ${this.#menus.value?.render()} ${this.#announcer.regions}
    </section>`;
  }

  get #texts(): Words<(typeof feedSays)['source']> {
    return this.#host.language.words(feedSays);
  }

  get #by(): Grouping {
    const by = this.#grouping ?? this.#host.groupBy;
    return by === 'severity' || by === 'state' || by === 'source' ? by : '';
  }

  #status(): FeedWords {
    const { feed, problem, unknownSince } = this.#session;
    if (feed) return feedWords(feed, this.#time, Date.now(), unknownSince);
    const words = this.#texts;
    const isBlocked = (this.#host.problem ?? problem) !== undefined || !this.#host.openFeed;
    return {
      tone: isBlocked ? 'unknown' : 'busy',
      label: isBlocked ? words.notConnected : words.connecting,
      detail: undefined,
      hint: undefined,
    };
  }

  #renderPlaceholder(status: FeedWords): unknown {
    if (this.#view.rows.length > 0) return nothing;
    const { problem, openFeed, language } = this.#host;
    const words = this.#texts;
    const { feed, problem: failure, incidents } = this.#session;
    if (problem === 'consent') return renderNote(words.consent);
    if (problem) return renderNote(errorText(problem, language));
    if (failure)
      return renderNote(
        errorText(failure, language),
        renderButton(words.tryAgain, () => this.#session.retry()),
      );
    if (!openFeed) return renderNote(words.noFeed);
    if (!feed || (feed.isLoading && !isStuck(feed.status))) return renderSkeleton(language);
    if (status.tone === 'unknown') return renderUnknown(status.label, feed.status, this.#notes);
    if (incidents.length > 0) {
      return renderNote(words.nothingMatches, renderButton(words.reset, this.#filterPorts.reset));
    }
    const { asOf } = feed.freshness;
    return html`<slot name="empty"
      >${renderNone(asOf === undefined ? undefined : this.#time.at(asOf), language)}</slot
    >`;
  }

  #renderFoot(): unknown {
    const { feed, canShowMore, isOpening } = this.#session;
    const { rows, left } = this.#view;
    if (!feed || rows.length === 0) return nothing;
    const count = rows.length - (left ? 1 : 0);
    const all = isFiltering(this.#filters) ? this.#session.incidents.length : feed.total;
    const words = this.#texts;
    const shown = all !== undefined && all > count ? words.shownOf({ count, all }) : words.shown({ count });
    return html`<div class="foot">
      <span>${shown}</span>
      ${
        canShowMore
          ? html`<button
              type="button"
              class="pill"
              part="more"
              ?disabled=${isOpening}
              @click=${() => this.#session.showMore()}
            >
              ${words.showMore}
            </button>`
          : nothing
      }
    </div>`;
  }

  #renderMore(incident: Incident): unknown {
    const { feed } = this.#session;
    const details = this.#details.value;
    if (!details || !feed) return html`<p class="quiet" role="status">${this.#texts.loadingPart}</p>`;
    if (this.#form) details.openForm(this.#form);
    this.#form = undefined;
    const isLeft = this.#view.left === incident;
    return html`${isLeft ? html`<p class="left">${leftWords(incident, this.#texts)}</p>` : nothing}${details.render(incident, feed, this.#time)}`;
  }

  #arrange(): void {
    const { incidents } = this.#session;
    const from = [this.#filters, this.#by, incidents, this.#open, this.#language];
    if (same(from, this.#arranged)) return;
    const [filters, by] = this.#arranged;
    this.#isOther ||= filters !== this.#filters || by !== this.#by;
    this.#arranged = from;
    const { left } = this.#view;
    const stay = filters === this.#filters ? this.#staying() : undefined;
    this.#view = this.#arranger.arrange(incidents, this.#filters, this.#by, stay, this.#language);
    if (this.#view.left && !left) this.#announcer.say(leftWords(this.#view.left, this.#texts));
    if (stay || this.#open === undefined || incidents.some(({ id }) => id === this.#open)) return;
    this.#open = undefined;
    this.#details.value?.close();
  }

  /** An open row is not taken from its reader, whatever becomes of the incident: something may be half written in it. */
  #staying(): Incident | undefined {
    const { feed } = this.#session;
    if (!feed || this.#open === undefined) return undefined;
    const shown = this.#view.rows.find(({ id }) => id === this.#open);
    return shown && (feed.get(shown.id) ?? shown);
  }

  #findSources(): void {
    const { incidents } = this.#session;
    const now = performance.now();
    const isSoon = this.#sources.length > 0 && now - this.#sourcesAt < SOURCES_MS;
    if (incidents === this.#sourcesOf || isSoon) return;
    this.#sourcesOf = incidents;
    this.#sourcesAt = now;
    this.#sources = sourcesOf(incidents);
  }

  /** The incident that the page's own address is about. */
  #openLinked(incidents: readonly Incident[]): void {
    const { hash } = location;
    const linked = hash.startsWith('#incident=') && incidents.find(({ id }) => incidentHash(id) === hash);
    if (linked && this.#open === undefined) this.#toggle(linked.id);
  }

  #shows(incident: Incident): boolean {
    return this.#arranger.shows(incident, this.#filters);
  }

  #slots(): ReadonlySet<string> {
    const names = new Set<string>();
    for (const { slot } of this.#host.children) if (slot) names.add(slot);
    return names;
  }

  #can(kind: IncidentActionKind, incident: Incident): boolean {
    const { actions } = this.#host;
    const can = this.#session.feed?.status.capabilities?.actions.has(kind) ?? false;
    return can && (!actions || actions.includes(kind)) && ALLOWED[kind](incident);
  }

  async #act(action: IncidentAction): Promise<ActionReceipt> {
    const receipt = await this.#session.act(action);
    const words = this.#texts;
    const what = this.#host.language.words(actionWords)[action.kind];
    if (receipt.outcome === 'queued') this.#announcer.say(words.queuedReceipt({ what }));
    if (receipt.outcome === 'unneeded') this.#announcer.say(words.unneeded);
    return receipt;
  }

  /** A row that has room for it says so itself; it is read out in any case. */
  #tellRefusal({ id }: IncidentAction, reason: unknown): void {
    const line = this.#texts.notDone({ reason: errorText(reason, this.#host.language) });
    this.#pending.update(this.#session.feed?.pending ?? []);
    this.#announcer.say(line);
    if (!this.#pending.of(id).some(({ state }) => state === 'failed')) this.#fail(line);
  }

  #run(work: Promise<unknown> | undefined): void {
    work?.catch((reason: unknown) => this.#fail(errorText(reason, this.#host.language)));
  }

  #fail(line: string | undefined): void {
    this.#failure = line;
    this.#host.requestUpdate();
  }

  #clear(): void {
    this.#open = this.#form = this.#failure = undefined;
    this.#sourcesOf = undefined;
    this.#arranged = [];
    this.#details.value?.rest();
    this.#list.clear();
  }

  #onReceived(incidents: readonly Incident[]): void {
    const shown = incidents.filter((one) => this.#shows(one));
    this.#announcer.received(shown);
    this.#menus.value?.tell(shown);
    if (shown.length > POINTED_OUT) this.#arrived.clear();
    else for (const { id } of shown) this.#arrived.add(id);
  }

  #toggle(id: string): void {
    this.#open = this.#open === id ? undefined : id;
    const incident = this.#session.feed?.get(id);
    this.#details.value?.close();
    if (this.#open) this.#details.want();
    if (this.#open && incident) this.#host.dispatchEvent(new XiansIncidentSelectedEvent(incident));
    this.#host.requestUpdate();
    void this.#host.updateComplete.then(() => this.#list.revealOpen());
  }

  #command(command: FeedCommand): void {
    const { active } = this.#list;
    switch (command) {
      case 'next':
        return this.#list.move(1);
      case 'previous':
        return this.#list.move(-1);
      case 'first':
        return this.#list.focusRow(0);
      case 'last':
        return this.#list.focusRow(this.#view.rows.length - 1);
      case 'page-down':
      case 'page-up':
        return this.#list.move(command);
      case 'toggle':
        return active && this.#toggle(active.id);
      case 'close':
        return this.#open === undefined ? undefined : this.#toggle(this.#open);
      case 'acknowledge':
        if (active && this.#can(command, active)) this.#ports.press({ kind: command, id: active.id });
        return;
      case 'resolve':
      case 'escalate':
      case 'comment':
        return active && this.#can(command, active) ? this.#openForm(active.id, command) : undefined;
      case 'filter':
        return this.#focusSearch();
      case 'pause':
        return this.#headPorts.pause();
      case 'help':
        return this.#openMenu('help');
    }
  }

  #openForm(id: string, kind: IncidentActionKind): void {
    this.#form = kind;
    if (this.#open !== id) return this.#toggle(id);
    this.#host.requestUpdate();
  }

  /** What is not loaded yet opens as soon as it is. */
  #openMenu(name: 'help' | 'notify', button?: HTMLElement): void {
    this.#menu = () =>
      this.#menus.value?.toggle(name, button, button ? undefined : () => this.#list.resume());
    this.#menus.want();
    this.#showMenu();
  }

  #showMenu(): void {
    if (!this.#menu || !this.#host.renderRoot.querySelector('.menu')) return;
    this.#menu();
    this.#menu = undefined;
  }

  #focusSearch(): void {
    this.#hasFilters = true;
    this.#host.requestUpdate();
    void this.#host.updateComplete.then(() =>
      this.#host.renderRoot.querySelector<HTMLElement>('[part~=search]')?.focus(),
    );
  }

  readonly #headPorts = {
    pause: () => {
      const paused = !this.#host.paused;
      this.#host.paused = paused;
      this.#announcer.say(paused ? this.#texts.paused : this.#texts.resumed);
    },
    openMenu: (name: 'help' | 'notify', button: HTMLElement) => this.#openMenu(name, button),
  };

  readonly #filterPorts: FiltersPorts = {
    filter: (change) => {
      this.#filters = { ...this.#filters, ...change };
      this.#pulse.schedule();
    },
    group: (by) => {
      this.#grouping = by;
      this.#host.requestUpdate();
    },
    reset: () => {
      this.#filters = NO_FILTERS;
      this.#host.requestUpdate();
    },
    toggle: () => {
      this.#hasFilters = !this.#hasFilters;
      this.#host.requestUpdate();
    },
  };

  /** For what stands in place of the rows, or in their way. */
  get #notes(): NotePorts {
    const error = this.#session.feed?.status.error;
    return {
      // A server that named a time is not asked before it.
      tryNow: error && isServersWish(error) ? undefined : this.#onTryNow,
      language: this.#host.language,
      isLooking: this.#isLooking,
      dismiss: () => this.#fail(undefined),
    };
  }

  #onTryNow = () => {
    this.#isLooking = true;
    this.#host.requestUpdate();
    this.#session.refresh().then(
      () => this.#endLook(undefined),
      (reason: unknown) =>
        this.#endLook(RealtimeError.from(reason, 'bug', 'The incidents could not be read.')),
    );
  };

  /** Why it failed stands in the status already, unless there is another reason. */
  #endLook(error: RealtimeError | undefined): void {
    this.#isLooking = false;
    if (error) this.#announcer.say(errorText(error, this.#host.language));
    this.#host.requestUpdate();
  }

  #onJump = () => {
    this.#list.toTop();
    if (!this.#list.isFocused) this.#host.requestUpdate();
    else this.#list.focusRow(0);
  };

  #onKeyDown = (event: KeyboardEvent) => {
    const [target] = event.composedPath();
    // The list itself has focus after the row that had it has gone.
    if (!(target instanceof Element) || !(target.closest('.rows') || target.matches('.scroller'))) return;
    const command = commandOf(event);
    if (!command) return;
    event.preventDefault();
    this.#command(command);
  };
}

function leftWords({ phase }: Incident, words: Words<(typeof feedSays)['source']>): string {
  return phase === 'done' ? words.leftDone : words.left;
}
