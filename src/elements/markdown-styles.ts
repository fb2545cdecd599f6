import { css } from 'lit';

/** What Markdown becomes inside a message. */
export const markdownStyles = css`
  .rich :is(p, ul, ol, blockquote, div, figure) {
    margin-block: 0.55em;
    margin-inline: 0;
  }

  .rich :is(h3, h4, h5, h6) {
    margin: 0.9em 0 0.35em;
    font-size: 1em;
    line-height: 1.35;
  }

  .rich h3 {
    font-size: 1.25em;
  }

  .rich h4 {
    font-size: 1.12em;
  }

  .rich h6 {
    color: var(--_muted);
  }

  .rich :is(ul, ol) {
    padding-inline-start: 1.5em;
  }

  .rich > :first-child {
    margin-block-start: 0;
  }

  .rich > :last-child {
    margin-block-end: 0;
  }

  .rich li > :is(ul, ol) {
    margin-block: 0.2em;
  }

  .rich .task {
    list-style: none;
  }

  .box {
    position: relative;
    display: inline-block;
    inline-size: 1.1em;
    block-size: 1.1em;
    margin-inline: -1.5em 0.4em;
    border: 1.5px solid var(--_muted);
    border-radius: 4px;
    vertical-align: -0.18em;
  }

  .box.checked {
    border-color: var(--_accent-text);
    background: var(--_accent);
  }

  .box.checked::after {
    content: '';
    position: absolute;
    inset: 0 0.28em 0.2em;
    border: solid var(--_on-accent);
    border-width: 0 2px 2px 0;
    rotate: 45deg;
  }

  /* What stands in it may turn the direction of its own letters only. */
  .rich :is(a, code, del, em, strong) {
    unicode-bidi: isolate;
  }

  .rich a {
    color: var(--_accent-text);
    text-underline-offset: 2px;
  }

  .rich .host {
    color: var(--_muted);
    font-size: 0.9em;
  }

  .rich blockquote {
    padding-inline-start: 0.8em;
    border-inline-start: 3px solid var(--_border);
    color: var(--_muted);
  }

  .rich hr {
    margin-block: 0.9em;
    border: 0;
    border-block-start: 1px solid var(--_border);
  }

  .rich code {
    font-family: ui-monospace, Menlo, Consolas, monospace;
    font-size: 0.9em;
  }

  .rich :not(pre) > code {
    padding: 0.1em 0.35em;
    border-radius: 5px;
    background: color-mix(in srgb, var(--_text) 9%, transparent);
  }

  .code,
  .table {
    overflow: hidden;
    border: 1px solid var(--_border);
    border-radius: 10px;
    background: var(--_background);
  }

  /* A shadow at each side where more lies; at the end of the way a cover, which moves with the content, hides it. */
  .scroll,
  .code pre {
    --_cover: var(--_background) 8px, transparent;
    --_edge: color-mix(in srgb, var(--_text) 14%, transparent), transparent;
    background:
      linear-gradient(90deg, var(--_cover)) 0 0 / 28px local,
      linear-gradient(-90deg, var(--_cover)) 100% 0 / 28px local,
      linear-gradient(90deg, var(--_edge)) 0 0 / 12px,
      linear-gradient(-90deg, var(--_edge)) 100% 0 / 12px,
      var(--_background);
    background-repeat: no-repeat;
  }

  :is(.code, .table) figcaption {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
    min-block-size: 32px;
    padding-inline: 12px 4px;
    color: var(--_muted);
    font-size: 0.8em;
  }

  .tools {
    display: inline-flex;
    gap: 2px;
    margin-inline-start: auto;
  }

  .tools .tool {
    inline-size: auto;
    min-inline-size: 28px;
    padding-inline: 6px;
    font-size: 0.95em;
    font-weight: 650;
  }

  .done {
    animation: done 1.5s;
  }

  @keyframes done {
    50% {
      color: var(--_success);
      background: color-mix(in srgb, var(--_success) 18%, transparent);
    }
  }

  .code pre {
    margin: 0;
    padding: 2px 12px 10px;
    overflow-x: auto;
    overflow-wrap: normal;
    tab-size: 4;
  }

  .code code {
    font-variant-ligatures: none;
  }

  .scroll {
    overflow-x: auto;
  }

  .rich .table .scroll {
    margin: 0;
  }

  .scroll table {
    inline-size: 100%;
    border-collapse: collapse;
    overflow-wrap: normal;
  }

  .scroll :is(th, td) {
    padding: 6px 12px;
    border-block-end: 1px solid var(--_border);
    text-align: start;
    vertical-align: top;
  }

  .scroll tbody:last-child tr:last-child td {
    border-block-end: 0;
  }

  /* Room for words where there are many: rather scroll than stack them. */
  .scroll :is(th, td):not(.long, .longer) {
    white-space: nowrap;
  }

  .scroll .long {
    min-inline-size: 11em;
  }

  .scroll .longer {
    min-inline-size: 16em;
  }

  .scroll .center {
    text-align: center;
  }

  .scroll .right {
    text-align: end;
    font-variant-numeric: tabular-nums;
  }
`;
