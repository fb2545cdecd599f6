import { css } from 'lit';

/** The frame of a feed: head, banner, filters, menus, and what stands in place of rows. The same contrasts hold as in `theme.ts`. */
export const feedStyles = css`
  :host {
    --_p0: var(--xians-p0-color, light-dark(#b3261e, #ff9a92));
    --_p1: var(--xians-p1-color, light-dark(#a2430c, #ffae7a));
    --_p2: var(--xians-p2-color, light-dark(#775b00, #e6c85e));
    --_p3: var(--xians-p3-color, light-dark(#1d5ca6, #8fc1ff));
    --_p4: var(--xians-p4-color, var(--_muted));
    display: block;
    min-inline-size: min(280px, 100%);
    block-size: 100%;
  }

  .feed {
    container: feed / inline-size;
    position: relative;
    display: flex;
    flex-direction: column;
    block-size: 100%;
    /* In a very small box all of it scrolls, rather than show nothing of the list. */
    overflow: hidden auto;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_background);
  }

  .p0 {
    --_tone: var(--_p0);
  }

  .p1 {
    --_tone: var(--_p1);
  }

  .p2 {
    --_tone: var(--_p2);
  }

  .p3 {
    --_tone: var(--_p3);
  }

  .p4,
  .px {
    --_tone: var(--_p4);
  }

  .shape,
  .icon {
    flex: none;
    inline-size: 1em;
    block-size: 1em;
    fill: currentcolor;
  }

  .icon,
  .thin,
  .shape .mark {
    fill: none;
    stroke: currentcolor;
    stroke-width: 2;
    stroke-linecap: round;
    stroke-linejoin: round;
  }

  .icon {
    inline-size: 1.2em;
    block-size: 1.2em;
  }

  .shape .mark {
    stroke: var(--_background);
  }

  .dashed {
    stroke-dasharray: 4 2.6;
    stroke-linecap: butt;
  }

  h2,
  h3,
  p {
    margin: 0;
  }

  h2,
  ::slotted([slot='heading']) {
    margin: 0;
    font-size: 1.0667em;
    font-weight: 650;
    line-height: 1.3;
  }

  h3 {
    font-size: 0.9em;
    font-weight: 650;
  }

  .quiet {
    color: var(--_muted);
  }

  button,
  select,
  input {
    font: inherit;
    color: inherit;
  }

  button {
    cursor: pointer;
  }

  button:disabled {
    cursor: default;
    opacity: 0.6;
  }

  .pill,
  select,
  input[type='search'] {
    min-block-size: 30px;
    padding: 2px 12px;
    border: 1px solid var(--_border);
    border-radius: 999px;
    background: none;
    font-size: 0.9em;
  }

  .pill {
    display: inline-flex;
    flex: none;
    align-items: center;
    gap: 6px;
  }

  .pill:hover:enabled,
  .tool:hover {
    background: color-mix(in srgb, currentcolor 9%, transparent);
  }

  .pill.on,
  select.on {
    border-color: var(--_accent-text);
    background: color-mix(in srgb, var(--_accent) 12%, transparent);
  }

  .tool {
    display: inline-grid;
    flex: none;
    place-items: center;
    inline-size: 30px;
    block-size: 30px;
    padding: 0;
    border: 0;
    border-radius: 8px;
    background: none;
    color: var(--_muted);
  }

  .link {
    min-block-size: 24px;
    padding: 1px 4px;
    border: 0;
    border-radius: 4px;
    background: none;
    color: var(--_accent-text);
    font-weight: 600;
    text-decoration: none;
  }

  .link:hover {
    text-decoration: underline;
  }

  .head {
    display: flex;
    flex: none;
    align-items: start;
    gap: 8px 12px;
    padding: 12px 12px 8px 16px;
  }

  .titles {
    flex: 1;
    min-inline-size: 0;
  }

  .tools {
    display: flex;
    flex: none;
    align-items: center;
    gap: 4px;
  }

  .fresh {
    display: flex;
    align-items: baseline;
    gap: 6px;
    margin-block-start: 1px;
    font-size: 0.8667em;
    line-height: 1.4;
    font-variant-numeric: tabular-nums;
  }

  .fresh .shape {
    position: relative;
    inset-block-start: 0.12em;
  }

  .tone-live,
  .tone-polled {
    color: var(--_success);
  }

  .tone-busy {
    color: var(--_muted);
  }

  .tone-unknown {
    color: var(--_danger);
  }

  .fresh.unknown {
    font-weight: 600;
  }

  .banner {
    display: flex;
    flex: none;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 10px;
    padding: 8px 12px 8px 16px;
    border-block: 1px solid color-mix(in srgb, var(--_danger) 40%, var(--_border));
    background: color-mix(in srgb, var(--_danger) 9%, var(--_background));
    font-size: 0.9em;
    line-height: 1.4;
  }

  .banner > :is(.shape, .icon) {
    color: var(--_danger);
  }

  .banner > span {
    flex: 1 1 12em;
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }

  .filters {
    display: flex;
    flex: none;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px;
    padding: 4px 12px 10px 16px;
    border-block-end: 1px solid var(--_border);
  }

  .banner + .filters {
    padding-block-start: 10px;
  }

  .severities,
  .choices {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px;
  }

  .choices {
    flex: 1 1 auto;
    justify-content: end;
  }

  .severity {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-inline-size: 0;
    color: var(--_tone);
    font-weight: 650;
  }

  .severity span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .chip {
    max-inline-size: 10em;
    min-block-size: 30px;
    padding: 2px 10px 2px 8px;
    border: 1px solid color-mix(in srgb, var(--_tone) 45%, transparent);
    border-radius: 8px;
    background: color-mix(in srgb, var(--_tone) 7%, transparent);
    font-size: 0.8667em;
  }

  .chip b {
    color: var(--_text);
    font-weight: 500;
    font-variant-numeric: tabular-nums;
  }

  .chip:hover {
    background: color-mix(in srgb, var(--_tone) 14%, transparent);
  }

  .chip[aria-pressed='true'] {
    border-color: var(--_tone);
    background: var(--_tone);
    color: var(--_background);
  }

  .chip[aria-pressed='true'] :is(b, .thin) {
    color: inherit;
  }

  .chip[aria-pressed='true'] path.mark {
    stroke: var(--_tone);
  }

  input[type='search'] {
    flex: 1 1 8em;
    min-inline-size: 0;
    max-inline-size: 16em;
    border-radius: 8px;
  }

  select {
    max-inline-size: 12em;
    padding-inline: 6px 2px;
    border-radius: 8px;
    background-color: var(--_background);
    text-overflow: ellipsis;
  }

  ::placeholder {
    color: var(--_muted);
    opacity: 1;
  }

  .more-filters {
    display: none;
  }

  .body {
    position: relative;
    display: flex;
    /* As tall as its rows, up to a limit, where nothing else says how tall the feed is. */
    flex: 1 1 min(var(--_rows, 0px) + 3.5em, var(--xians-feed-height, 32rem));
    min-block-size: min(14em, 60vb);
  }

  .scroller {
    position: relative;
    flex: 1;
    min-inline-size: 0;
    overflow: hidden auto;
    /* The list keeps the reader's place itself. */
    overflow-anchor: none;
    scrollbar-width: thin;
    scrollbar-color: var(--_border) transparent;
    outline: none;
  }

  .jump {
    position: absolute;
    inset-block-start: 10px;
    inset-inline: 0;
    inline-size: fit-content;
    margin-inline: auto;
    border-color: transparent;
    background: var(--_accent);
    color: var(--_on-accent);
    box-shadow: var(--_shadow);
    font-weight: 600;
    z-index: 3;
  }

  .jump:hover:enabled {
    background: color-mix(in srgb, var(--_accent) 88%, var(--_text));
  }

  .empty {
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 8px;
    min-block-size: 12em;
    padding: 24px 20px;
    color: var(--_muted);
    text-align: center;
    text-wrap: balance;
    overflow-wrap: anywhere;
  }

  .greeting {
    color: var(--_text);
    font-size: 1.1333em;
    font-weight: 600;
  }

  .skeleton {
    padding: 4px 16px;
  }

  .skeleton div {
    display: flex;
    align-items: center;
    gap: 16px;
    block-size: 52px;
  }

  .skeleton :is(i, b) {
    inline-size: 3em;
    block-size: 0.8em;
    border-radius: 4px;
    background: var(--_border);
  }

  .skeleton b {
    inline-size: min(60%, 24em);
  }

  .foot {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: 6px 12px;
    min-block-size: 3em;
    padding: 6px 16px;
    color: var(--_muted);
    font-size: 0.8667em;
  }

  @container feed (inline-size < 48em) {
    .more-filters {
      display: inline-flex;
    }

    .severities {
      flex: 1;
    }

    .choices {
      display: none;
      flex: 1 0 100%;
      justify-content: start;
    }

    .wide .choices {
      display: flex;
    }

    input[type='search'] {
      flex: 1 0 100%;
      max-inline-size: none;
    }
  }

  @container feed (inline-size < 30em) {
    .head,
    .banner,
    .filters {
      padding-inline: 12px;
    }

    .note {
      display: none;
    }

    .head {
      flex-wrap: wrap;
    }

    .titles {
      flex-basis: 9em;
    }

    /* In one line, for the sake of the rows. */
    .severities {
      /* Contains what is for the ears only. */
      position: relative;
      flex-wrap: nowrap;
      min-inline-size: 0;
      /* Room for what shows around a chip that has focus. */
      margin: -4px;
      padding: 4px;
      overflow-x: auto;
      scrollbar-width: none;
    }

    .chip {
      flex: none;
      gap: 4px;
      padding-inline: 7px;
    }

    .pause:not(.on) {
      justify-content: center;
      min-inline-size: 36px;
      padding-inline: 0;
      border-color: transparent;
    }

    .pause:not(.on) span {
      position: absolute;
      clip-path: inset(50%);
    }
  }

  @media (pointer: coarse) {
    .pill,
    .chip,
    select,
    input[type='search'] {
      min-block-size: 44px;
    }

    .tool {
      inline-size: 44px;
      block-size: 44px;
    }

    .link {
      min-inline-size: 44px;
      min-block-size: 44px;
    }

    input[type='search'],
    select {
      /* Anything smaller, and iOS zooms in. */
      font-size: max(16px, 1em);
    }
  }

  @media (prefers-reduced-motion: no-preference) {
    .skeleton :is(i, b) {
      animation: wait 1.4s ease-in-out infinite alternate;
    }

    @keyframes wait {
      to {
        opacity: 0.45;
      }
    }
  }

  @media (forced-colors: active) {
    :host {
      --_p0: CanvasText;
      --_p1: CanvasText;
      --_p2: CanvasText;
      --_p3: CanvasText;
    }

    .chip[aria-pressed='true'] {
      forced-color-adjust: none;
      --_tone: SelectedItem;
      color: SelectedItemText;
    }
  }
`;
