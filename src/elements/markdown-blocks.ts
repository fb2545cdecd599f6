import { html, nothing, type TemplateResult } from 'lit';
import type { Token, Tokens } from 'marked';
import { allowedImage } from './image-origins.ts';
import { lazyFill } from './lazy-fill.ts';
import { anchor } from './markdown-anchor.ts';
import { renderCode } from './markdown-code.ts';
import { decodeEntities } from './markdown-entities.ts';
import { lexInline, lexMarkdown } from './markdown-lexer.ts';
import { disguisedHost, safeUrl } from './markdown-links.ts';
import type { MathsToken } from './markdown-maths.ts';
import { extras, type MarkdownPorts } from './markdown-ports.ts';
import { renderTable } from './markdown-table.ts';
import { honestCode, tame } from './markdown-text.ts';
import { markdownWords } from './markdown-words.ts';

/** Longer texts stay plain, in UTF-16 units. */
const MAX_LENGTH = 200_000;
/** Texts that would make more elements than this stay plain. */
const MAX_NODES = 10_000;

/** Marks that may name sources: `[1]`, `[1, 2]`, `[^a]`, `【3†report】`. */
const MARKS = /(\[[\^\w]{1,12}(?:,\s?\w{1,12}){0,9}\]|【[^【】]{1,40}】)/;

/** What no line begins with. */
const ENDS = /^[\p{Pe}\p{Pf}.,;:!?…。、，；：！？،؛؟]{1,4}/u;

/** What rendering carries along. */
interface Walk {
  nodes: number;
  /** Depths of the headings that the text is under, the highest first. */
  readonly headings: number[];
  readonly ports: MarkdownPorts;
}

/**
 * `text` as templates, made from an allow-list of nodes: what is not on it, HTML included, becomes text. Images become
 * links unless `ports.imageOrigins` names where they come from.
 *
 * Code is coloured, and formulas are drawn, in place and later, when what does so has been fetched.
 *
 * Gives `undefined`, and never throws, for texts that are too long, too deep or too slow to read: show those as they are.
 */
export function renderMarkdown(text: string, ports: MarkdownPorts): TemplateResult | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  try {
    const walk: Walk = { nodes: 0, headings: [], ports };
    return html`${blocks(lexMarkdown(text, ports.maths?.extensions), walk)}`;
  } catch {
    // Whatever the tokeniser or a limit says about a text, the text itself can still be read.
    return undefined;
  }
}

function blocks(tokens: readonly Token[], walk: Walk): unknown[] {
  return tokens.map((token) => block(token as Tokens.Generic, walk));
}

function block(generic: Tokens.Generic, walk: Walk): unknown {
  count(walk);
  const token = generic as Token;
  switch (token.type) {
    case 'space':
    case 'def':
      return nothing;
    case 'paragraph':
      return html`<p>${inlines(token.tokens, walk)}</p>`;
    case 'text':
      return token.tokens ? inlines(token.tokens, walk) : inline(token, walk, false);
    case 'heading':
      return heading(token as Tokens.Heading, walk);
    case 'code':
      return renderCode(token as Tokens.Code, walk.ports);
    case 'blockquote':
      return html`<blockquote>${blocks(token.tokens ?? [], walk)}</blockquote>`;
    case 'list':
      return list(token as Tokens.List, walk);
    case 'table':
      return table(token as Tokens.Table, walk);
    case 'maths':
      return html`<div>${inline(token, walk, false)}</div>`;
    case 'hr':
      return html`<hr />`;
    case 'html':
      return html`<p class="plain">${tame(token.raw.trim())}</p>`;
    default:
      return inline(token, walk, false);
  }
}

function inlines(tokens: readonly Token[] | undefined, walk: Walk, inLink = false): unknown[] {
  return (tokens ?? []).map((token) => inline(token, walk, inLink));
}

/** `inLink`: inside a link, where no other may stand. */
function inline(token: Token, walk: Walk, inLink: boolean): unknown {
  count(walk);
  switch (token.type) {
    case 'text':
      return words(token as Tokens.Text, walk, inLink);
    case 'escape':
      return token.text;
    case 'strong':
      return html`<strong>${inlines(token.tokens, walk, inLink)}</strong>`;
    case 'em':
      return html`<em>${inlines(token.tokens, walk, inLink)}</em>`;
    case 'del':
      return html`<del>${inlines(token.tokens, walk, inLink)}</del>`;
    case 'codespan':
      return html`<code>${honestCode((token as Tokens.Codespan).text)}</code>`;
    case 'br':
      return html`<br />`;
    case 'checkbox':
      return checkbox(Boolean(token.checked), walk);
    case 'link':
      return inLink ? inlines(token.tokens, walk, true) : link(token as Tokens.Link, walk);
    case 'image':
      return image(token as Tokens.Image, inLink, walk);
    case 'maths':
      return walk.ports.maths?.render(token as MathsToken, walk.ports);
    case 'html':
      return /^<br\s*\/?>$/i.test(token.raw) ? html`<br />` : tame(token.raw);
    default:
      return tame(token.raw);
  }
}

function words(token: Tokens.Text, { ports: { cite } }: Walk, inLink: boolean): unknown {
  const text = decodeEntities(token.raw);
  if (!cite || inLink || !MARKS.test(text)) return tame(text);
  const parts = text.split(MARKS);
  return parts.map((part, index) => {
    if (index % 2 === 0) return tame(part);
    const mark = cite(part);
    if (!mark) return tame(part);
    // What ends a sentence begins no line.
    const next = parts[index + 1] ?? '';
    const [end = ''] = ENDS.exec(next) ?? [];
    parts[index + 1] = next.slice(end.length);
    return html`<span class="cites">${mark}${end}</span>`;
  });
}

/** A sign, since it is not the reader's to tick. */
function checkbox(checked: boolean, { ports: { language } }: Walk): TemplateResult {
  const { done, open } = language.words(markdownWords);
  return html`<span
    class=${checked ? 'box checked' : 'box'}
    role="checkbox"
    aria-checked=${checked}
    aria-readonly="true"
    aria-label=${checked ? done : open}
  ></span>`;
}

/** Below the chat's own heading, which is a second one, and without gaps, whatever the text begins with. */
function heading({ depth, tokens }: Tokens.Heading, walk: Walk): TemplateResult {
  const { headings } = walk;
  while ((headings.at(-1) ?? 0) >= depth) headings.pop();
  headings.push(depth);
  const content = inlines(tokens, walk);
  switch (headings.length) {
    case 1:
      return html`<h3>${content}</h3>`;
    case 2:
      return html`<h4>${content}</h4>`;
    case 3:
      return html`<h5>${content}</h5>`;
    default:
      return html`<h6>${content}</h6>`;
  }
}

function list({ ordered, start, items }: Tokens.List, walk: Walk): TemplateResult {
  const rows = items.map((item) => {
    count(walk);
    return html`<li class=${item.task ? 'task' : nothing}>${blocks(item.tokens, walk)}</li>`;
  });
  return ordered
    ? html`<ol start=${Number(start) || 1}>
        ${rows}
      </ol>`
    : html`<ul>
        ${rows}
      </ul>`;
}

function table(token: Tokens.Table, walk: Walk): TemplateResult {
  let counted = walk;
  const cell = ({ text, tokens }: Tokens.TableCell) => {
    count(counted);
    return inlines(tokens.length > 0 || !text ? tokens : late(text, walk), counted);
  };
  const drawn = renderTable(token, cell, walk.ports);
  // Rows that the reader asks for are drawn apart from everything else.
  counted = { ...walk, nodes: -Infinity };
  return drawn;
}

/** The content of a cell that was not read with the others. */
function late(text: string, { ports }: Walk): readonly Token[] {
  try {
    return lexInline(text, ports.maths?.extensions);
  } catch {
    // Too deep or too slow: as it is.
    return [{ type: 'escape', raw: text, text }];
  }
}

function link(token: Tokens.Link, walk: Walk): unknown {
  const url = safeUrl(isBare(token) ? token.href : decodeEntities(token.href));
  if (!url) return tame(token.raw);
  const host = disguisedHost(decodeEntities(token.text), url);
  return html`${anchor(url, isBare(token) ? tame(token.text) : inlines(token.tokens, walk, true))}${
    host ? html` ${hostOf(host)}` : nothing
  }`;
}

/** An image of an allowed origin; any other is a link: nothing is requested before the reader asks for it. */
function image(token: Tokens.Image, inLink: boolean, { ports: { language, imageOrigins } }: Walk): unknown {
  const text = decodeEntities(token.text).trim();
  const label = text || language.words(markdownWords).image;
  const address = decodeEntities(token.href);
  const url = safeUrl(address);
  const allowed = allowedImage(address, imageOrigins);
  if (allowed) {
    const draw = async () => (await extras()).drawImage(allowed, text, label, inLink);
    return html`<span class="image" ${lazyFill(label, draw)}></span>`;
  }
  if (inLink || !url?.protocol.startsWith('http')) return tame(label);
  return html`${anchor(url, tame(label))} ${hostOf(url.host)}`;
}

function hostOf(host: string): TemplateResult {
  return html`<bdi class="host" dir="ltr">(${host})</bdi>`;
}

/** An address as it is, in which references are not resolved. */
function isBare({ raw }: Tokens.Link): boolean {
  return !raw.startsWith('[');
}

function count(walk: Walk): void {
  if (++walk.nodes > MAX_NODES) throw new RangeError('too many elements');
}
