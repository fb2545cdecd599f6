import { html, nothing, type TemplateResult } from 'lit';
import { severityRank } from '../protocol/incident-words.ts';
import { icon } from './feed-icons.ts';
import { isFiltering, type FeedFilters, type Grouping } from './feed-rows.ts';
import { renderShape, severityClass, severityLabel, severityName } from './feed-severity.ts';
import type { FeedTime } from './feed-time.ts';
import { phaseWords } from './feed-state-words.ts';
import { feedSays } from './feed-words.ts';

export interface FiltersLook {
  readonly filters: FeedFilters;
  readonly grouping: Grouping;
  /** How many incidents of each severity there are. */
  readonly counts: ReadonlyMap<string, number>;
  readonly sources: readonly string[];
  readonly time: FeedTime;
  /** Whether what a narrow feed has no room for shows. */
  readonly isOpen: boolean;
}

export interface FiltersPorts {
  filter(change: Partial<FeedFilters>): void;
  group(by: Grouping): void;
  reset(): void;
  toggle(): void;
}

/** A server may have any number of severities. */
const MAX_CHIPS = 10;

/** Counts by severity, each a switch; and what else narrows the list down. */
export function renderFilters(look: FiltersLook, ports: FiltersPorts): TemplateResult {
  const { filters, grouping, sources, isOpen, time } = look;
  const words = time.language.words(feedSays);
  const groupings: readonly (readonly [Grouping, string])[] = [
    ['', words.notGrouped],
    ['severity', words.bySeverity],
    ['state', words.byState],
    ['source', words.bySource],
  ];
  const { phase, source, text } = filters;
  return html`<div
    class="filters ${isOpen ? 'wide' : ''}"
    part="filters"
    role="group"
    aria-label=${words.filters}
  >
    <div class="severities" role="group" aria-label=${words.filterBySeverity}>
      ${renderChips(look, ports)}
    </div>
    <button type="button" class="pill more-filters" aria-expanded=${isOpen} @click=${() => ports.toggle()}>
      ${icon('filter')}<span class="hush">${words.filters}</span>
    </button>
    <div class="choices">
      <input
        type="search"
        part="search"
        autocomplete="off"
        spellcheck="false"
        aria-label=${words.search}
        placeholder=${words.search}
        .value=${text}
        @input=${(event: Event) => ports.filter({ text: (event.target as HTMLInputElement).value })}
      />
      ${renderSelect(
        words.state,
        phase,
        [['', words.anyState], ...Object.entries(time.language.words(phaseWords))],
        (value) => ports.filter({ phase: value }),
      )}
      ${renderSelect(
        words.source,
        source === undefined ? '' : `=${source}`,
        [
          ['', words.anySource],
          ...sources.map((name): [string, string] => [`=${name}`, name || words.noSource]),
        ],
        (value) => ports.filter({ source: value ? value.slice(1) : undefined }),
      )}
      ${renderSelect(words.group, grouping, groupings, (value) => ports.group(value as Grouping))}
      ${
        isFiltering(filters)
          ? html`<button type="button" class="link" part="reset" @click=${() => ports.reset()}>
              ${words.reset}
            </button>`
          : nothing
      }
    </div>
  </div>`;
}

function renderChips({ counts, filters, time }: FiltersLook, ports: FiltersPorts): unknown {
  const { severities } = filters;
  const names = [...new Set([...counts.keys(), ...severities])].sort(
    (one, other) => severityRank(one) - severityRank(other) || (one < other ? -1 : 1),
  );
  names.length = Math.min(names.length, MAX_CHIPS);
  const toggle = (name: string) => {
    const chosen = new Set(severities);
    if (!chosen.delete(name)) chosen.add(name);
    ports.filter({ severities: chosen });
  };
  return names.map((name) => {
    const count = time.number(counts.get(name) ?? 0);
    const tone = severityClass(name);
    const label = severityLabel(name, time.language);
    const whole = severityName(name, time.language);
    // Where the label is not its beginning, the whole name is read out after it.
    const rest = whole.startsWith(label) ? whole.slice(label.length) : ` ${whole}`;
    return html`<button
      type="button"
      class="chip severity ${tone}"
      part="chip severity-${tone}"
      aria-pressed=${severities.has(name)}
      @click=${() => toggle(name)}
    >
      ${renderShape(name)}<span>${label}</span><span class="hush">${rest}:</span><b>${count}</b>
    </button>`;
  });
}

/** `value` beside each option, since a select takes its value only once its options are there. */
function renderSelect(
  label: string,
  value: string,
  options: readonly (readonly [value: string, name: string])[],
  choose: (value: string) => void,
): TemplateResult {
  return html`<select
    part="select"
    class=${value ? 'on' : ''}
    aria-label=${label}
    @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}
  >
    ${options.map(([key, name]) => html`<option value=${key} .selected=${key === value}>${name}</option>`)}
  </select>`;
}
