import { css, html, nothing, type TemplateResult } from 'lit';
import { citationWords } from './citation-words.ts';
import { icon } from './icons.ts';
import type { Language } from './language.ts';
import { anchor } from './markdown-anchor.ts';
import { safeUrl } from './markdown-links.ts';
import { tame } from './markdown-text.ts';

/** More than these of one message are not shown. */
const MAX_CITATIONS = 100;
const MAX_TITLE = 300;
const MAX_SNIPPET = 2_000;
/** Up to this many show at once, more are folded. */
const OPEN_UP_TO = 3;

/** What a message is based on. */
export interface Citation {
  /** What the text calls it, from 1. */
  readonly number: number;
  /** What the agent calls it, if that is not the number. */
  readonly id: string | undefined;
  readonly title: string;
  readonly url: URL | undefined;
  readonly snippet: string | undefined;
}

/**
 * The `citations` or `sources` in the data of a message: a list of `{ title?, url?, snippet?, id?, number? }`, of
 * addresses or of titles. What is none of these is left out. Addresses are those that Markdown may link to.
 */
export function citationsOf({ data }: { readonly data?: unknown }): readonly Citation[] {
  const { citations, sources } = isRecord(data) ? data : {};
  const list = Array.isArray(citations) ? citations : Array.isArray(sources) ? sources : [];
  return list.slice(0, MAX_CITATIONS).flatMap((item: unknown, index) => citation(item, index + 1) ?? []);
}

/** What stands in the text for a mark such as `[1]`, `[1, 2]` or `【3†report】`; `undefined` if it names no source. */
export function renderMark(
  mark: string,
  citations: readonly Citation[],
  language: Language,
): TemplateResult | undefined {
  const words = language.words(citationWords);
  const named = mark
    .slice(1, -1)
    .split(/,\s*/)
    .map((key) => find(key, citations));
  if (!named.every((one) => one !== undefined)) return undefined;
  return html`${named.map(({ number, title }, index) => {
    const name = title ? words.namedSource({ number, title }) : words.source({ number });
    // With a space, or they would be read as one number.
    return html`${index > 0 ? ' ' : nothing}<button
        type="button"
        class="cite"
        aria-label=${name}
        title=${name}
        @click=${show(number)}
      >
        ${language.number(number)}
      </button>`;
  })}`;
}

/** The list of sources below a message; the numbers in its text lead there. */
export function renderCitations(
  citations: readonly Citation[],
  language: Language,
): TemplateResult | undefined {
  if (citations.length === 0) return undefined;
  const words = language.words(citationWords);
  return html`<details class="sources" ?open=${citations.length <= OPEN_UP_TO}>
    <summary>${icon('chevron')}${words.sources({ count: citations.length })}</summary>
    <ol>
      ${citations.map(
        ({ number, title, url, snippet }) =>
          html`<li value=${number} data-source=${number} tabindex="-1">
            ${url ? anchor(url, html`<bdi>${tame(title || url.host)}</bdi>`) : html`<bdi>${tame(title || words.source({ number }))}</bdi>`}
            ${url?.host && title ? html`<bdi class="host" dir="ltr">${url.host}</bdi>` : nothing}
            ${
              snippet
                ? html`<details>
                    <summary>${icon('chevron')}${words.excerpt}</summary>
                    <blockquote dir="auto">${tame(snippet)}</blockquote>
                  </details>`
                : nothing
            }
          </li>`,
      )}
    </ol>
  </details>`;
}

export const styles = css`
  .cites {
    white-space: nowrap;
  }

  .cite {
    min-inline-size: 24px;
    min-block-size: 24px;
    margin: 0;
    padding: 0 5px;
    border: 0;
    border-radius: 8px;
    background: color-mix(in srgb, var(--_accent) 14%, var(--_background));
    color: var(--_accent-text);
    font: inherit;
    font-size: 0.8em;
    font-weight: 650;
    line-height: 1;
    cursor: pointer;
  }

  @media (hover: hover) {
    .cite:hover {
      background: color-mix(in srgb, var(--_accent) 24%, var(--_background));
    }
  }

  .sources {
    margin-block-start: 8px;
    border-block-start: 1px solid var(--_border);
    padding-block-start: 4px;
    font-size: 0.9em;
  }

  .sources summary {
    color: var(--_muted);
    font-weight: 600;
  }

  .sources ol {
    margin: 2px 0 4px;
    padding-inline-start: 1.9em;
  }

  .sources li {
    margin-block: 4px;
    border-radius: 4px;
  }

  .sources li::marker {
    color: var(--_muted);
    font-variant-numeric: tabular-nums;
  }

  .sources a {
    color: var(--_accent-text);
    text-underline-offset: 2px;
  }

  .sources .host {
    margin-inline-start: 0.4em;
    color: var(--_muted);
    font-size: 0.9em;
  }

  .sources details summary {
    font-size: 0.9em;
    font-weight: 400;
  }

  .sources blockquote {
    margin: 0 0 6px;
    padding-inline-start: 0.8em;
    border-inline-start: 3px solid var(--_border);
    color: var(--_muted);
    overflow-wrap: anywhere;
  }
`;

function citation(item: unknown, place: number): Citation | undefined {
  if (typeof item === 'string') return citation(safeUrl(item) ? { url: item } : { title: item }, place);
  if (!isRecord(item)) return undefined;
  const { number, id } = item;
  const title = short(item['title'] ?? item['name'], MAX_TITLE) ?? '';
  const address = item['url'] ?? item['link'];
  const url = typeof address === 'string' ? safeUrl(address) : undefined;
  const snippet = short(item['snippet'] ?? item['text'], MAX_SNIPPET);
  if (!title && !url && !snippet) return undefined;
  const name = typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
  const counted = [number, name].map(Number).find((one) => Number.isInteger(one) && one > 0 && one < 1_000);
  return { number: counted ?? place, id: name, title, url, snippet };
}

function find(key: string, citations: readonly Citation[]): Citation | undefined {
  const [name = key] = key.replace(/^\^/, '').split('†');
  return (
    citations.find(({ id }) => id === key || id === name) ??
    citations.find(({ number }) => String(number) === name)
  );
}

/** Shows the source in the list, opens that if need be, and goes there. */
function show(number: number): (event: Event) => void {
  return ({ currentTarget }) => {
    const list = (currentTarget as Element).closest('.rich')?.parentElement?.querySelector('details.sources');
    const source = list?.querySelector<HTMLElement>(`[data-source="${number}"]`);
    list?.setAttribute('open', '');
    source?.focus();
  };
}

function short(value: unknown, length: number): string | undefined {
  if (typeof value !== 'string' || !value.trim()) return undefined;
  const text = value.trim();
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
