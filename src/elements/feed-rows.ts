import type { Incident } from '../protocol/incident.ts';
import { byNewest, severityRank } from '../protocol/incident-words.ts';
import { severityLabel } from './feed-severity.ts';
import { stateName } from './feed-names.ts';
import { feedSays } from './feed-words.ts';
import { ENGLISH, type Language } from './language.ts';

/** What the reader has chosen to see. */
export interface FeedFilters {
  /** In capitals. Empty: all. */
  readonly severities: ReadonlySet<string>;
  /** A phase, `active` for all that are not done, or empty for all. */
  readonly phase: string;
  /** `undefined`: all. */
  readonly source: string | undefined;
  /** Part of title, description, source or a resource, without regard to case. */
  readonly text: string;
}

export const NO_FILTERS: FeedFilters = { severities: new Set(), phase: '', source: undefined, text: '' };

export type Grouping = '' | 'severity' | 'state' | 'source';

export interface FeedGroup {
  readonly key: string;
  readonly name: string;
  /** Place of its first row in {@link FeedRows.rows}. */
  readonly start: number;
  readonly count: number;
}

/** What is shown, in order. */
export interface FeedRows {
  readonly rows: readonly Incident[];
  /** Empty when not grouped. */
  readonly groups: readonly FeedGroup[];
  /** How many incidents of each severity there are, the filter of severities apart. */
  readonly counts: ReadonlyMap<string, number>;
  /** The row that only stays because it is open. */
  readonly left: Incident | undefined;
}

const PHASES = ['open', 'acknowledged', 'working', 'unknown', 'done'];

export function isFiltering({ severities, phase, source, text }: FeedFilters): boolean {
  return severities.size > 0 || phase !== '' || source !== undefined || text.trim() !== '';
}

/**
 * Which of the incidents of a feed are shown, and in which order. Remembers which incidents have a text in them, since
 * with each change nearly all are the same objects as before.
 */
export class FeedArranger {
  #text = '';
  #known = new WeakMap<Incident, boolean>();

  /**
   * @param stay Is shown even if it is not among `incidents`, or does not match.
   * @param language What the names of groups are in.
   */
  arrange(
    incidents: readonly Incident[],
    filters: FeedFilters,
    grouping: Grouping,
    stay?: Incident,
    language: Language = ENGLISH,
  ): FeedRows {
    const { severities, phase, source } = filters;
    const text = filters.text.trim().toLowerCase();
    if (text !== this.#text) this.#known = new WeakMap();
    this.#text = text;

    const counts = new Map<string, number>();
    const narrow = isFiltering(filters);
    const rows: Incident[] = [];
    for (const incident of incidents) {
      if (phase === 'active' ? incident.phase === 'done' : phase && incident.phase !== phase) continue;
      if (source !== undefined && incident.source !== source) continue;
      if (text && !this.#has(incident)) continue;
      counts.set(incident.severity, (counts.get(incident.severity) ?? 0) + 1);
      if (narrow && (severities.size === 0 || severities.has(incident.severity))) rows.push(incident);
    }
    const shown = narrow ? rows : incidents;
    const isLeft = stay !== undefined && !shown.some(({ id }) => id === stay.id);
    return {
      counts,
      left: isLeft ? stay : undefined,
      ...grouped(isLeft ? withRow(shown, stay) : shown, grouping, language),
    };
  }

  /** Whether `incident`, a row that comes later, is one that would be shown. */
  shows(incident: Incident, filters: FeedFilters): boolean {
    return this.arrange([incident], filters, '').rows.length > 0;
  }

  #has(incident: Incident): boolean {
    let has = this.#known.get(incident);
    if (has === undefined) {
      const { title, source, affectedResources, description } = incident;
      has = [title, source, ...affectedResources, description].some((part) =>
        part.toLowerCase().includes(this.#text),
      );
      this.#known.set(incident, has);
    }
    return has;
  }
}

function withRow(rows: readonly Incident[], row: Incident): readonly Incident[] {
  const next = rows.findIndex((one) => byNewest(row, one) < 0);
  return rows.toSpliced(next < 0 ? rows.length : next, 0, row);
}

function grouped(
  rows: readonly Incident[],
  grouping: Grouping,
  language: Language,
): Pick<FeedRows, 'rows' | 'groups'> {
  if (!grouping) return { rows, groups: [] };
  const buckets = new Map<string, Incident[]>();
  for (const row of rows) {
    const key = row[grouping];
    const bucket = buckets.get(key);
    if (bucket) bucket.push(row);
    else buckets.set(key, [row]);
  }
  const name = (key: string) =>
    grouping === 'source'
      ? key || language.words(feedSays).noSource
      : (grouping === 'state' ? stateName : severityLabel)(key, language);
  const weight = ([key, [first]]: [string, Incident[]]) =>
    grouping === 'severity'
      ? severityRank(key)
      : grouping === 'state'
        ? PHASES.indexOf(first?.phase ?? '')
        : 0;
  const sorted = [...buckets].sort(
    (one, other) => weight(one) - weight(other) || (one[0] < other[0] ? -1 : 1),
  );
  let start = 0;
  const groups = sorted.map(([key, bucket]) => {
    const group = { key, name: name(key), start, count: bucket.length };
    start += bucket.length;
    return group;
  });
  return { rows: sorted.flatMap(([, bucket]) => bucket), groups };
}

/** More sources than this are no choice any more; the search finds them. */
const MAX_SOURCES = 200;

/** Sources of `incidents` in alphabetical order. */
export function sourcesOf(incidents: readonly Incident[]): readonly string[] {
  return [...new Set(incidents.map(({ source }) => source))].sort().slice(0, MAX_SOURCES);
}
