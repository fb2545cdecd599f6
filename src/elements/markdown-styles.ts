import { css } from 'lit';

/** What Markdown becomes inside a message. */
export const markdownStyles = css`
  .rich :is(p, ul, ol, blockquote, .scroll, figure) {
    margin-block: 0.55em;
    margin-inline: 0;
  }

  .rich :is(h3, h4, h5, h6) {
    margin: 0.9em 0 0.35em;
    font-size: 1em;
    line-height: 1.35;
  }

  .rich h3 {
    font-size: 1.12em;
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

  .rich li > :is(p, ul, ol) {
    margin-block: 0.2em;
  }

  .rich .task {
    list-style: none;
  }

  .rich .task input {
    margin-inline: -1.4em 0.4em;
  }

  .rich a {
    color: var(--_accent);
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
  .scroll {
    overflow: hidden;
    border: 1px solid var(--_border);
    border-radius: 10px;
    background: var(--_background);
  }

  .code figcaption {
    display: flex;
    align-items: center;
    justify-content: space-between;
    min-block-size: 32px;
    padding-inline: 12px 4px;
    color: var(--_muted);
    font-size: 0.8em;
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

  .scroll {
    overflow-x: auto;
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

  .scroll tr:last-child td {
    border-block-end: 0;
  }

  .scroll .center {
    text-align: center;
  }

  .scroll .right {
    text-align: end;
  }
`;
