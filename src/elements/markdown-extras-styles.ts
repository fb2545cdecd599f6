import { css, render, type TemplateResult } from 'lit';
import type { Filling } from './lazy-fill.ts';

const styles = css`
  .table figcaption {
    border-block-start: 1px solid var(--_border);
  }

  .table figcaption .link {
    margin-inline-start: -4px;
    font-size: inherit;
  }

  .tool[aria-pressed='true'] {
    background: color-mix(in srgb, currentcolor 12%, transparent);
    color: var(--_text);
  }

  .wraps pre {
    overflow-wrap: anywhere;
    white-space: pre-wrap;
  }

  .tall {
    max-block-size: min(24rem, 70vh);
    overflow-y: auto;
  }

  .tall th {
    position: sticky;
    inset-block-start: 0;
    border-block-end: 0;
    background: var(--_background);
    box-shadow: inset 0 -1px var(--_border);
  }

  .image {
    display: inline-block;
    max-inline-size: 100%;
  }

  .image img {
    display: block;
    max-inline-size: 100%;
    max-block-size: min(22rem, 60vh);
    border-radius: 10px;
    background: color-mix(in srgb, var(--_text) 5%, transparent);
    object-fit: contain;
  }

  .image:not(.failed) .caption {
    display: block;
    margin-block-start: 3px;
    color: var(--_muted);
    font-size: 0.85em;
  }

  .image:not(.failed) .none,
  .image img[hidden] {
    display: none;
  }

  .image:not(.failed) a {
    text-decoration: none;
  }

  .formula {
    unicode-bidi: isolate;
  }

  .formula.display {
    display: flex;
    align-items: center;
    margin-block: 0.4em;
  }

  .formula.display .scroll {
    flex: 1;
    min-inline-size: 0;
    padding-block: 4px;
    background: none;
    text-align: center;
  }

  .formula math {
    font-size: 1.1em;
    line-height: normal;
  }

  .formula math[display='block'] {
    margin-block: 0.2em;
  }

  .formula mtd {
    padding-inline: 0.4em;
  }

  .formula .tml-right {
    padding-inline: 0;
    text-align: right;
  }

  .formula .tml-left {
    padding-inline: 0 0.8em;
    text-align: left;
  }

  .formula .tml-jot mtd {
    padding-block: 0.2em;
  }

  .formula .tml-overline {
    border-block-start: 1px solid;
  }

  .formula .tml-underline {
    border-block-end: 1px solid;
  }

  .formula menclose {
    position: relative;
  }

  .formula :is(.upstrike, .downstrike, .sout) {
    position: absolute;
    inset: 0;
    background: linear-gradient(
      to top left,
      transparent calc(50% - 0.5px),
      currentcolor calc(50% - 0.5px) calc(50% + 0.5px),
      transparent calc(50% + 0.5px)
    );
  }

  .formula .downstrike {
    background: linear-gradient(
      to bottom left,
      transparent calc(50% - 0.5px),
      currentcolor calc(50% - 0.5px) calc(50% + 0.5px),
      transparent calc(50% + 0.5px)
    );
  }

  .formula .sout {
    background: linear-gradient(currentcolor, currentcolor) 0 55% / 100% 1px no-repeat;
  }

  .formula .boxed {
    padding: 3pt;
    border: 1px solid;
  }
`;

/** `content`, drawn once, with the styles of what some texts have. */
export function filling(content: TemplateResult | Node): Filling {
  if (content instanceof Node) return { content, styles };
  const fragment = document.createDocumentFragment();
  render(content, fragment);
  return { content: fragment, styles };
}
