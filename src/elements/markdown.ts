import { html, nothing, type TemplateResult } from 'lit';
import type { Token, Tokens } from 'marked';
import { icon } from './icons.ts';
import { decodeEntities } from './markdown-entities.ts';
import { lexMarkdown } from './markdown-lexer.ts';
import { disguisedHost, safeUrl } from './markdown-links.ts';
import { markdownWords as words } from './markdown-words.ts';

export { markdownStyles as styles } from './markdown-styles.ts';

/** Longer texts stay plain, in UTF-16 units. */
const MAX_LENGTH = 200_000;
/** Texts that would make more elements than this stay plain. */
const MAX_NODES = 10_000;

/** Called with the content of a code block whose copy button was pressed; resolves with whether it is copied. */
export type CopyCode = (text: string) => Promise<boolean>;

/** What rendering carries along. */
interface Walk {
  nodes: number;
  readonly copy: CopyCode | undefined;
}

/**
 * `text` as templates, made from an allow-list of nodes: what is not on it, HTML included, becomes text. Remote images
 * become links, so that nothing is requested before the reader asks for it.
 *
 * Gives `undefined`, and never throws, for texts that are too long, too deep or too slow to read: show those as they are.
 * Without `copy`, code blocks have no copy button.
 */
export function renderMarkdown(text: string, copy?: CopyCode): TemplateResult | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  try {
    const walk: Walk = { nodes: 0, copy };
    return html`${blocks(lexMarkdown(text), walk)}`;
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
      return code(token as Tokens.Code, walk);
    case 'blockquote':
      return html`<blockquote>${blocks(token.tokens ?? [], walk)}</blockquote>`;
    case 'list':
      return list(token as Tokens.List, walk);
    case 'table':
      return table(token as Tokens.Table, walk);
    case 'hr':
      return html`<hr />`;
    case 'html':
      return html`<p class="plain">${token.raw.trim()}</p>`;
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
      // Texts without the mark are addresses, in which references are not resolved.
      return token.escaped === false ? decodeEntities(token.raw) : token.raw;
    case 'escape':
      return token.text;
    case 'strong':
      return html`<strong>${inlines(token.tokens, walk, inLink)}</strong>`;
    case 'em':
      return html`<em>${inlines(token.tokens, walk, inLink)}</em>`;
    case 'del':
      return html`<del>${inlines(token.tokens, walk, inLink)}</del>`;
    case 'codespan':
      return html`<code>${token.text}</code>`;
    case 'br':
      return html`<br />`;
    case 'checkbox':
      return html`<input
        type="checkbox"
        disabled
        .checked=${Boolean(token.checked)}
        aria-label=${token.checked ? words.done : words.open}
      />`;
    case 'link':
      return inLink ? inlines(token.tokens, walk, true) : link(token as Tokens.Link, walk);
    case 'image':
      return image(token as Tokens.Image, inLink);
    case 'html':
      return /^<br\s*\/?>$/i.test(token.raw) ? html`<br />` : token.raw;
    default:
      return token.raw;
  }
}

function heading({ depth, tokens }: Tokens.Heading, walk: Walk): TemplateResult {
  const content = inlines(tokens, walk);
  // The page has its own first heading, the chat its second.
  switch (depth) {
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

function code({ lang, text }: Tokens.Code, { copy }: Walk): TemplateResult {
  const language = lang?.match(/\S+/)?.[0].slice(0, 24) ?? words.code;
  return html`<figure class="code">
    <figcaption>
      <span>${language}</span>
      ${
        copy
          ? html`<button
              type="button"
              class="tool"
              aria-label=${words.copyCode}
              title=${words.copyCode}
              @click=${(event: Event) => copyFrom(event.currentTarget as Element, copy, text)}
              @animationend=${(event: Event) => (event.currentTarget as Element).classList.remove('done')}
            >
              ${icon('copy')}
            </button>`
          : nothing
      }
    </figcaption>
    <pre dir="ltr" tabindex="0" role="region" aria-label=${language}><code>${text}</code></pre>
  </figure>`;
}

function copyFrom(button: Element, copy: CopyCode, text: string): void {
  void copy(text).then((copied) => copied && button.classList.add('done'));
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

function table({ header, rows }: Tokens.Table, walk: Walk): TemplateResult {
  const cell = ({ align, text, tokens }: Tokens.TableCell) => {
    count(walk);
    const width = text.length > 70 ? 'longer' : text.length > 14 ? 'long' : undefined;
    const names = [align, width].filter(Boolean).join(' ');
    return { names: names || nothing, content: inlines(tokens, walk) };
  };
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${words.table}>
    <table>
      <thead>
        <tr>
          ${header.map(cell).map(({ names, content }) => html`<th scope="col" class=${names}>${content}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map(cell).map(({ names, content }) => html`<td class=${names}>${content}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function link(token: Tokens.Link, walk: Walk): unknown {
  const url = safeUrl(token.autolink ? token.href : decodeEntities(token.href));
  if (!url) return token.raw;
  const host = disguisedHost(decodeEntities(token.text), url);
  return html`${anchor(url, inlines(token.tokens, walk, true))}${
    host ? html` <span class="host">(${host})</span>` : nothing
  }`;
}

function image(token: Tokens.Image, inLink: boolean): unknown {
  const label = decodeEntities(token.text).trim() || words.image;
  const url = safeUrl(decodeEntities(token.href));
  return url?.protocol.startsWith('http') && !inLink ? anchor(url, label) : label;
}

function anchor(url: URL, content: unknown): TemplateResult {
  return html`<a href=${url.href} target="_blank" rel="noopener noreferrer nofollow">${content}</a>`;
}

function count(walk: Walk): void {
  if (++walk.nodes > MAX_NODES) throw new RangeError('too many elements');
}
