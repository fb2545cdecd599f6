import { css } from 'lit';

/** Rows and the headings of groups. All rows are equally tall, or the list could not know where they are. */
export const rowStyles = css`
  .rows {
    position: relative;
    contain: layout style;
  }

  .row,
  .rows > .group {
    position: absolute;
    inset-block-start: 0;
    inset-inline: 0;
  }

  .row {
    contain: strict;
    border-block-end: 1px solid var(--_border);
    background: var(--_background);
  }

  .row,
  div.line {
    block-size: 56px;
    block-size: round(3.75em, 1px);
  }

  .row.open {
    contain: layout style;
    block-size: auto;
    background: color-mix(in srgb, var(--_surface) 60%, var(--_background));
  }

  /* Severe, and nobody has taken it. */
  .row.urgent {
    box-shadow: inset 4px 0 var(--_tone);
    background: color-mix(in srgb, var(--_tone) 5%, var(--_background));
  }

  .row.urgent:dir(rtl) {
    box-shadow: inset -4px 0 var(--_tone);
  }

  .probe {
    visibility: hidden;
    pointer-events: none;
  }

  .row:focus-visible {
    outline-offset: -2px;
    border-radius: 4px;
    z-index: 1;
  }

  .group {
    block-size: 30px;
    block-size: round(2em, 1px);
    padding-inline: 16px;
    overflow: hidden;
    border-block-end: 1px solid var(--_border);
    background: var(--_surface);
    font-size: 0.8667em;
    font-weight: 650;
    line-height: 2;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .sticky {
    position: sticky;
    inset-block-start: 0;
    block-size: 0;
    z-index: 2;
  }

  div.line {
    position: relative;
    display: grid;
    grid-template:
      'severity title state who age extra expander' auto
      'severity sub state who age extra expander' auto
      / 5.4em minmax(0, 1fr) 8.2em 4.4em 4.6em auto 30px;
    align-content: center;
    align-items: center;
    gap: 0 10px;
    padding-inline: 16px 10px;
    line-height: 1.4;
    cursor: pointer;
  }

  @media (hover: hover) {
    .row:hover > .line {
      background: color-mix(in srgb, currentcolor 4%, transparent);
    }
  }

  .line > .severity {
    grid-area: severity;
  }

  .title {
    grid-area: title;
    overflow: hidden;
    font-weight: 600;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .done .title {
    color: var(--_muted);
    font-weight: 500;
  }

  .sub {
    grid-area: sub;
    display: flex;
    align-items: center;
    gap: 8px;
    min-inline-size: 0;
    block-size: 1.55em;
    overflow: hidden;
    color: var(--_muted);
    font-size: 0.8667em;
    white-space: nowrap;
  }

  .sub > * {
    flex: 0 1 auto;
    min-inline-size: 2em;
    overflow: hidden;
    text-overflow: ellipsis;
  }

  .resources {
    display: flex;
    gap: 4px;
  }

  .resources > * {
    flex: 0 1 auto;
    overflow: hidden;
    padding-inline: 6px;
    border-radius: 5px;
    background: var(--_surface);
    text-overflow: ellipsis;
  }

  .resources > span {
    flex: none;
  }

  .state {
    grid-area: state;
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-inline-size: 0;
    overflow: hidden;
    font-size: 0.8667em;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  /* Full: nobody has taken it. Half: somebody has. Hollow: over. */
  .state::before {
    content: '';
    flex: none;
    inline-size: 9px;
    block-size: 9px;
    border: 2px solid currentcolor;
    border-radius: 50%;
    forced-color-adjust: none;
  }

  .state:is(.open, .unknown) {
    font-weight: 650;
  }

  .state.open::before {
    background: currentcolor;
  }

  .state:is(.acknowledged, .working)::before {
    background: linear-gradient(to top, currentcolor 50%, transparent 50%);
  }

  .state.unknown::before {
    border-radius: 0;
  }

  .state.done {
    color: var(--_muted);
  }

  .who {
    grid-area: who;
    display: flex;
    align-items: center;
    gap: 2px;
  }

  .who span {
    display: grid;
    flex: none;
    place-items: center;
    inline-size: 2.1em;
    block-size: 2.1em;
    border-radius: 50%;
    background: color-mix(in srgb, var(--_accent) 16%, var(--_background));
    font-size: 0.75em;
    font-weight: 650;
  }

  .who small,
  time {
    color: var(--_muted);
    font-size: 0.8667em;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }

  .line > time {
    grid-area: age;
    text-align: end;
  }

  .line > slot {
    grid-area: extra;
    display: block;
    max-inline-size: 12em;
    max-block-size: 3em;
    overflow: hidden;
  }

  .expander {
    grid-area: expander;
  }

  .expander .icon {
    rotate: 90deg;
    transition: rotate var(--_fast);
  }

  .open > .line .expander .icon {
    rotate: -90deg;
  }

  /* Over the columns at the end, and only where somebody points or works. */
  .quick {
    position: absolute;
    inset-inline-end: 46px;
    display: none;
    min-block-size: 30px;
    padding: 2px 12px;
    border: 1px solid var(--_accent);
    border-radius: 999px;
    background: var(--_background);
    color: var(--_accent-text);
    font-size: 0.9em;
    font-weight: 600;
  }

  .quick:hover {
    background: var(--_accent);
    color: var(--_on-accent);
  }

  .row:focus-within > .line > .quick {
    display: block;
  }

  @media (hover: hover) {
    .row:hover > .line > .quick {
      display: block;
    }
  }

  .row.open > .line > .quick {
    display: none;
  }

  .doing {
    display: inline-flex;
    align-items: center;
    gap: 5px;
    color: var(--_text);
  }

  .doing.failed {
    color: var(--_danger);
  }

  .doing bdi {
    overflow: hidden;
    text-overflow: ellipsis;
  }

  .sub .link {
    flex: none;
    min-inline-size: 0;
    min-block-size: 24px;
  }

  .more {
    padding-block: 2px 16px;
    padding-inline: calc(26px + 5.4em) 16px;
  }

  /* Not current: no colour says how severe it is, and nothing looks settled. */
  .dim .severity {
    --_tone: var(--_muted);
  }

  .dim .severity .shape {
    opacity: 0.65;
  }

  .dim .row.row {
    box-shadow: none;
    background: repeating-linear-gradient(
      -45deg,
      transparent 0 10px,
      color-mix(in srgb, var(--_muted) 9%, transparent) 10px 12px
    );
  }

  .dim .title {
    color: var(--_muted);
  }

  @media (forced-colors: active) {
    .dim .row {
      border-block-end-style: dashed;
    }

    .dim .title {
      font-style: italic;
    }
  }

  .paused .scroller {
    box-shadow: inset 3px 0 var(--_accent);
  }

  @container feed (inline-size < 48em) {
    div.line {
      grid-template-columns: 4.6em minmax(0, 1fr) 7.4em 3.4em 4.2em auto 30px;
    }
  }

  @container feed (inline-size < 38em) {
    .row,
    div.line {
      block-size: 84px;
      block-size: round(5.6em, 1px);
    }

    div.line {
      grid-template:
        'severity title title age expander' auto
        'severity state sub extra expander' auto
        / auto auto minmax(0, 1fr) auto 30px;
      gap: 2px 8px;
      padding-inline: 12px 6px;
    }

    .line > .severity {
      flex-direction: column;
      gap: 1px;
      inline-size: 2.6em;
      font-size: 0.8667em;
    }

    .line > .severity .shape {
      inline-size: 1.3em;
      block-size: 1.3em;
    }

    .title {
      display: -webkit-box;
      -webkit-box-orient: vertical;
      -webkit-line-clamp: 2;
      white-space: normal;
      overflow-wrap: anywhere;
      line-height: 1.3;
    }

    .line > time {
      align-self: start;
      line-height: 1.5;
    }

    .sub {
      grid-column: 3 / 5;
    }

    .line:has(> slot) > .sub {
      grid-column: 3;
    }

    .line > slot {
      max-inline-size: 8em;
      max-block-size: 1.6em;
    }

    .resources > bdi:first-child ~ * {
      display: none;
    }

    /* What is under way is the state now. */
    .line:has(.doing) > .state {
      display: none;
    }

    .line:has(.doing) > .sub {
      grid-column: 2 / 5;
    }

    /* Room for the reason; the open row has both. */
    .doing ~ .link {
      display: none;
    }

    .line > .severity span {
      max-inline-size: 100%;
    }

    .who {
      display: none;
    }

    .group,
    .more.more {
      padding-inline: 12px;
    }
  }

  @media (pointer: coarse) {
    div.line {
      grid-template-columns: 4.6em minmax(0, 1fr) 7.4em 3.4em 4.2em auto 44px;
    }

    .quick.quick {
      display: none;
    }

    @container feed (inline-size < 38em) {
      div.line {
        grid-template-columns: auto auto minmax(0, 1fr) auto 44px;
      }
    }

    /* The line stays as tall as it is; a finger gets room around it. */
    .sub {
      overflow: visible;
    }

    .sub .link {
      position: relative;
    }

    .sub .link::after {
      content: '';
      position: absolute;
      inset: -10px;
    }
  }

  @media (prefers-reduced-motion: no-preference) {
    .new > .line {
      animation: arrive 2s ease-out;
    }

    @keyframes arrive {
      from {
        background: color-mix(in srgb, var(--_accent) 13%, transparent);
      }
    }
  }
`;
