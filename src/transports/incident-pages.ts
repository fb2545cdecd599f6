import { isFiltered, pageDocument, type IncidentDialect } from './incident-dialect.ts';
import { dataOf, failureOf, type Ask } from './incident-result.ts';
import { objectOf } from './incident-errors.ts';
import { countOf, isFollowed, readRows } from './incident-rows.ts';
import type { IncidentPage, IncidentQuery } from './incident-source.ts';

/** Walks whose cursors are remembered. */
const MAX_WALKS = 100;

/** Reads pages by number, also from a server that has only cursors. */
export class IncidentPages {
  readonly #dialect: IncidentDialect;
  readonly #ask: Ask;
  /** The cursor at the end of each page, for each query. */
  readonly #walks = new Map<string, string[]>();

  constructor(dialect: IncidentDialect, ask: Ask) {
    this.#dialect = dialect;
    this.#ask = ask;
  }

  async read(query: IncidentQuery): Promise<IncidentPage> {
    if (!this.#dialect.hasCursors) return this.#read(query);
    const ends = this.#walk(query);
    // Whoever asks for pages in their order has been given every cursor on the way.
    for (let page = ends.length; page < query.page; page++) {
      await this.#read({ ...query, page }, ends);
      if (ends[page] === undefined) return { incidents: [], total: undefined, hasMore: false, malformed: 0 };
    }
    return this.#read(query, ends);
  }

  async #read(query: IncidentQuery, ends: string[] = []): Promise<IncidentPage> {
    const cursor = ends[query.page - 1];
    const result = await this.#ask(pageDocument(this.#dialect, query, cursor), query.signal);
    const list = objectOf(dataOf(result)['incidents']);
    const edges = list?.['edges'];
    const rows = list?.['incidents'] ?? (Array.isArray(edges) ? edges.map(nodeOf) : undefined);
    // Rows that came are worth having, whatever became of the others.
    if (!list || !Array.isArray(rows)) throw failureOf(result);
    const pageInfo = objectOf(list['pageInfo']);
    const total = countOf(pageInfo?.['totalCount']) ?? countOf(list['totalCount']);
    const hasNext = pageInfo?.['hasNextPage'];
    const end = pageInfo?.['endCursor'];
    ends.length = Math.min(ends.length, query.page);
    if (hasNext !== false && typeof end === 'string') ends[query.page] = end;
    return {
      ...readRows(rows, query),
      total: isFiltered(this.#dialect, query) ? total : undefined,
      hasMore: typeof hasNext === 'boolean' ? hasNext : isFollowed(query, rows.length, total),
    };
  }

  #walk({ pageSize, severities, activeOnly }: IncidentQuery): string[] {
    const key = JSON.stringify([pageSize, severities, activeOnly]);
    let ends = this.#walks.get(key);
    if (!ends) {
      if (this.#walks.size >= MAX_WALKS) this.#walks.clear();
      this.#walks.set(key, (ends = []));
    }
    return ends;
  }
}

function nodeOf(edge: unknown): unknown {
  return objectOf(edge)?.['node'];
}
