import { findFolded, fold } from './fold-text.ts';

/** Names under which the marks are styled. */
const FOUND = 'xians-found';
const HERE = 'xians-found-here';
/** Places marked in one row at most: a search for "e" in a book. */
const PLACES = 500;
/** What holds words that somebody wrote, and what stands in it that is not theirs. */
const TEXT = '.rich, .plain, .bubble';
const NOT_TEXT = 'button, svg, .hush, [aria-hidden="true"], style';
const BLOCK = 'p, li, td, th, tr, pre, div, h1, h2, h3, h4, h5, h6, blockquote, dt, dd';

/** A row as somebody reads it. */
export function textOf(row: Element): string {
  return pieces(row)
    .map(({ text }) => text)
    .join('');
}

/**
 * Marks what was found, without changing the document: the reader's selection and screen readers do not notice. Where a
 * browser cannot do that, the rows carry `data-found` alone. Several elements of a page share the names.
 */
export class SearchMarks {
  #ranges: Range[] = [];
  #rows: HTMLElement[] = [];

  /** Marks `text` in `rows`; in `here` in another colour. */
  show(text: string, rows: Iterable<HTMLElement>, here: HTMLElement | undefined): void {
    this.clear();
    const folded = fold(text);
    if (!folded) return;
    for (const row of rows) {
      this.#rows.push(row);
      row.dataset['found'] = row === here ? 'here' : '';
      const highlight = highlightOf(row === here ? HERE : FOUND);
      if (!highlight) continue;
      for (const range of rangesIn(row, folded)) {
        highlight.add(range);
        this.#ranges.push(range);
      }
    }
  }

  clear(): void {
    for (const range of this.#ranges.splice(0)) {
      highlightOf(FOUND)?.delete(range);
      highlightOf(HERE)?.delete(range);
    }
    for (const row of this.#rows.splice(0)) delete row.dataset['found'];
  }
}

function highlightOf(name: string): Highlight | undefined {
  if (!('highlights' in CSS)) return undefined;
  const known = CSS.highlights.get(name);
  if (known) return known;
  const highlight = new Highlight();
  CSS.highlights.set(name, highlight);
  return highlight;
}

interface Piece {
  readonly text: string;
  /** `undefined` for the gap between two blocks. */
  readonly node: Text | undefined;
}

function pieces(row: Element): Piece[] {
  const found: Piece[] = [];
  let block: Element | null = null;
  for (const root of row.querySelectorAll(TEXT)) {
    if (root.parentElement?.closest(TEXT) && row.contains(root.parentElement.closest(TEXT))) continue;
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!parent || parent.closest(NOT_TEXT)) continue;
      const inside = parent.closest(BLOCK);
      if (inside !== block && found.length > 0) found.push({ text: '\n', node: undefined });
      block = inside;
      found.push({ text: node.nodeValue ?? '', node: node as Text });
    }
  }
  return found;
}

function rangesIn(row: Element, folded: string): Range[] {
  const all = pieces(row);
  const places = findFolded(all.map(({ text }) => text).join(''), folded, PLACES);
  const ranges: Range[] = [];
  let index = 0;
  let before = 0;
  /** The node at an offset, from the last one on. */
  const locate = (offset: number, isEnd: boolean): [Text, number] | undefined => {
    for (; index < all.length; index++) {
      const { text, node } = all[index]!;
      const within = offset - before;
      if (node && (isEnd ? within <= text.length : within < text.length)) return [node, within];
      before += text.length;
    }
    return undefined;
  };
  for (const [start, end] of places) {
    const from = locate(start, false);
    const to = from && locate(end, true);
    if (!from || !to) continue;
    const range = new Range();
    range.setStart(...from);
    range.setEnd(...to);
    ranges.push(range);
  }
  return ranges;
}
