import type { Incident } from '../protocol/incident.ts';
import { severityRank } from '../protocol/incident-words.ts';
import { severityName } from './feed-severity.ts';
import { feedSays } from './feed-words.ts';
import type { Language } from './language.ts';

/** What comes within this time is read out together: each change of a live region may cut off the one before. */
const GATHER_MS = 300;
/** Milliseconds a situation has to last before it is read out: most interruptions are over by then. */
const SETTLE_MS = 600;
/** Milliseconds between two notes on incidents that nobody has to hurry for. */
const CALM_MS = 10_000;
/** More than these are summed up. */
const NAMED = 3;
/** Ranks that interrupt whoever listens. */
const URGENT = 1;
/** Ids remembered; the oldest go first. */
const REMEMBERED = 10_000;

/** What was read out on this page, by whatever feed: each incident interrupts once. */
const spoken = new Set<string>();

/** Whether somebody has to know of it at once. */
export function isUrgent({ severity, phase }: Incident): boolean {
  return phase !== 'done' && severityRank(severity) <= URGENT;
}

/**
 * What assistive technology reads out of a feed: new incidents of the two highest severities at once, the others now and
 * then, changes of the situation when they last. Nothing while the page is hidden; then it sums up. It writes into the
 * regions itself, so that speaking draws nothing.
 */
export class FeedAnnouncer {
  readonly #language: () => Language;
  readonly regions: readonly HTMLElement[] = [region('status'), region('alert')];
  #urgent = new Map<string, Incident>();
  #raised = new Map<string, Incident>();
  #calm = 0;
  #lines: string[] = [];
  #calmAt = -Infinity;
  #timer: number | undefined;
  #calmTimer: number | undefined;
  #situation: string | undefined;
  #settling: number | undefined;
  #nextSituation: string | undefined;

  /** @param language What is spoken now. */
  constructor(language: () => Language) {
    this.#language = language;
  }

  start(): void {
    document.addEventListener('visibilitychange', this.#onVisibility);
  }

  /** Says nothing more, and forgets what was said. */
  rest(): void {
    document.removeEventListener('visibilitychange', this.#onVisibility);
    clearTimeout(this.#timer);
    clearTimeout(this.#calmTimer);
    clearTimeout(this.#settling);
    this.#timer = this.#calmTimer = this.#settling = this.#nextSituation = this.#situation = undefined;
    this.#urgent.clear();
    this.#raised.clear();
    this.#calm = 0;
    this.#lines = [];
    for (const one of this.regions) one.textContent = '';
  }

  /** These are known already: nobody is told of them as news. */
  know(incidents: readonly Incident[]): void {
    for (const incident of incidents) if (isUrgent(incident)) remember(incident.id);
  }

  /** New ones. */
  received(incidents: readonly Incident[]): void {
    for (const incident of incidents) {
      if (!isUrgent(incident)) this.#calm++;
      else if (!spoken.has(incident.id)) this.#urgent.set(incident.id, incident);
      remember(isUrgent(incident) ? incident.id : undefined);
    }
    this.#gather();
  }

  /** Known ones that changed. */
  updated(incidents: readonly Incident[]): void {
    for (const incident of incidents) {
      if (!isUrgent(incident) || spoken.has(incident.id)) continue;
      remember(incident.id);
      this.#raised.set(incident.id, incident);
    }
    if (this.#raised.size > 0) this.#gather();
  }

  /** Something the reader did, and how it ended. */
  say(line: string): void {
    this.#lines.push(line);
    this.#gather();
  }

  /** How things stand; read out when it has become something else and stays so. The first is not news. */
  situation(words: string): void {
    if (this.#situation === undefined) this.#situation = words;
    if (words === this.#nextSituation) return;
    this.#nextSituation = words;
    clearTimeout(this.#settling);
    this.#settling = undefined;
    if (words === this.#situation) return;
    this.#settling = window.setTimeout(() => {
      this.#situation = words;
      this.say(words);
    }, SETTLE_MS);
  }

  #gather(): void {
    if (document.visibilityState === 'visible') this.#timer ??= window.setTimeout(this.#speak, GATHER_MS);
  }

  #onVisibility = () => {
    if (this.#calm > 0 || this.#urgent.size > 0 || this.#raised.size > 0 || this.#lines.length > 0)
      this.#gather();
  };

  #speak = () => {
    clearTimeout(this.#timer);
    clearTimeout(this.#calmTimer);
    this.#timer = this.#calmTimer = undefined;
    if (document.visibilityState !== 'visible') return;
    const urgent = [...this.#urgent.values()];
    const language = this.#language();
    const words = language.words(feedSays);
    const burst = (count: number) => words.burst({ count });
    const raised = [...this.#raised.values()].map(({ severity, title }) =>
      words.raised({ severity: severityName(severity, language), title }),
    );
    const calm = this.#lines.splice(0);
    const news = urgent.length + this.#calm;
    const now = performance.now();
    if (urgent.length > NAMED) {
      this.#write(1, [
        words.burstCritical({ count: news, critical: urgent.length }),
        ...raised.slice(0, NAMED),
      ]);
      this.#calm = 0;
    } else if (urgent.length + raised.length > 0) {
      this.#write(1, [...urgent.map((one) => freshWords(one, language)), ...raised.slice(0, NAMED)]);
    }
    if (this.#calm > 0 && now - this.#calmAt >= CALM_MS) {
      calm.push(burst(this.#calm));
      this.#calmAt = now;
      this.#calm = 0;
    }
    if (calm.length > 0) this.#write(0, calm);
    this.#urgent.clear();
    this.#raised.clear();
    // Those in between wait for their turn.
    if (this.#calm > 0) this.#calmTimer = window.setTimeout(this.#speak, CALM_MS - (now - this.#calmAt));
  };

  #write(place: number, lines: readonly string[]): void {
    const element = this.regions[place];
    const text = lines.join('\n').slice(0, 1_000);
    // The same words again are news only if something about them differs.
    if (element) element.textContent = element.textContent === text ? `${text}\u00a0` : text;
  }
}

function freshWords({ severity: rank, title: whole, source }: Incident, language: Language): string {
  const words = language.words(feedSays);
  const severity = severityName(rank, language);
  const title = whole.slice(0, 200);
  return source ? words.freshFrom({ severity, title, source }) : words.fresh({ severity, title });
}

function remember(id: string | undefined): void {
  if (id === undefined) return;
  spoken.add(id);
  if (spoken.size > REMEMBERED) for (const oldest of spoken) return void spoken.delete(oldest);
}

function region(role: string): HTMLElement {
  const element = document.createElement('div');
  element.className = 'hush';
  element.role = role;
  return element;
}
