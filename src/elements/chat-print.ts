import { css, html, nothing, render } from 'lit';
import type { Message } from '../protocol/types.ts';
import { ChatFormat } from './chat-format.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { said, saidIn, type TranscriptLook } from './export-transcript.ts';
import { originsOf } from './image-origins.ts';
import { renderMarkdown, styles as markdownStyles } from './markdown.ts';

/** What was printed last; removed once the browser says that it has printed, or with the next print. */
let sheet: HTMLElement | undefined;

/**
 * Prints messages in place of the page around them: a copy in a shadow root of its own at the end of the page, which shows
 * on paper only, where nothing else does. `title` stands above them, and is the name of a PDF.
 */
export function printTranscript(
  host: ChatViewHost,
  messages: readonly Message[],
  title: string,
  look: TranscriptLook,
): void {
  sheet?.remove();
  const element = (sheet = document.createElement('div'));
  element.className = 'xians-print';
  const { language } = host;
  element.lang = language.spoken;
  element.dir = getComputedStyle(host).direction;
  const root = element.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = sheetsOf(printStyles, ...[markdownStyles].flat());
  const format = new ChatFormat(language.tag);
  const ports = { language, imageOrigins: originsOf(host.imageOrigins) };
  const row = (message: Message) => {
    const { speaker, text } = said(message, 'markdown', look);
    const isAgent = message.author === 'agent';
    const rich = isAgent && text ? renderMarkdown(text, ports) : undefined;
    return html`<article>
      <h2><bdi>${speaker}</bdi><time>${format.full(message.createdAt)}</time></h2>
      ${text ? html`<div class=${rich ? 'rich' : 'plain'} dir="auto">${rich ?? text}</div>` : nothing}
    </article>`;
  };
  render(
    html`<h1>${title}</h1>
      ${saidIn(messages).map(row)}`,
    root,
  );
  document.body.append(element);

  const [page] = sheetsOf(pageStyles);
  const { title: before } = document;
  if (page) document.adoptedStyleSheets = [...document.adoptedStyleSheets, page];
  document.title = title;
  addEventListener(
    'afterprint',
    () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== page);
      if (document.title === title) document.title = before;
      element.remove();
    },
    { once: true },
  );
  print();
}

function sheetsOf(
  ...styles: readonly { readonly styleSheet?: CSSStyleSheet | undefined }[]
): CSSStyleSheet[] {
  return styles.flatMap(({ styleSheet }) => styleSheet ?? []);
}

/** Of the page: everything else is away while it is on paper, whatever the page's own styles say. */
const pageStyles = css`
  @media screen {
    .xians-print {
      display: none !important;
    }
  }

  @media print {
    html,
    body {
      display: block !important;
      position: static !important;
      inline-size: auto !important;
      block-size: auto !important;
      max-block-size: none !important;
      margin: 0 !important;
      padding: 0 !important;
      overflow: visible !important;
      background: #fff !important;
    }

    body > :not(.xians-print) {
      display: none !important;
    }

    .xians-print {
      display: block !important;
    }
  }
`;

const printStyles = css`
  :host {
    --_background: #fff;
    --_surface: #f3f4f8;
    --_border: #b9bdc9;
    --_text: #000;
    --_muted: #444;
    --_accent: #000;
    --_accent-text: #000;
    --_code-font: ui-monospace, monospace;
    --_space: 4px;
    --_radius: 4px;
    all: initial;
    color-scheme: light;
    color: #000;
    font:
      11pt/1.45 system-ui,
      sans-serif;
  }

  h1 {
    margin: 0 0 1em;
    font-size: 16pt;
  }

  article {
    margin-block-end: 1.2em;
    overflow-wrap: anywhere;
  }

  h2 {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0 2em;
    margin: 0 0 0.25em;
    font-size: 11pt;
    break-after: avoid;
  }

  time {
    color: #444;
    font-weight: 400;
    font-size: 9pt;
  }

  .plain {
    white-space: pre-wrap;
  }

  button {
    display: none;
  }

  :is(pre, table, img, svg) {
    max-inline-size: 100%;
    break-inside: avoid;
  }

  pre,
  pre code {
    white-space: pre-wrap;
  }
`;
