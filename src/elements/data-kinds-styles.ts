import { css } from 'lit';

/** Cards, lists, tables, buttons and approvals inside a message. */
export const dataKindsStyles = css`
  .data-card {
    display: grid;
    gap: calc(var(--_space, 4px) * 1.5);
    inline-size: 26rem;
    max-inline-size: 100%;
    padding-block: 2px;
  }

  /* A bubble that begins with a picture is all picture there. */
  .card-image {
    display: block;
    inline-size: 100%;
    max-block-size: 14em;
    border-radius: calc(var(--_radius) * 0.6);
    background: color-mix(in srgb, currentcolor 8%, transparent);
    object-fit: cover;
  }

  .card-subtitle,
  .row-subtitle,
  .row-detail {
    color: var(--_muted);
    font-size: 0.9em;
    line-height: 1.4;
  }

  .card-subtitle {
    margin-block-start: -4px;
  }

  .data-choices {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: calc(var(--_space, 4px) * 2);
    margin-block: calc(var(--_space, 4px) * 1.5) 2px;
  }

  .choice {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-block-size: 34px;
    max-inline-size: 100%;
    padding: 5px 14px;
    border: 1px solid color-mix(in srgb, var(--_accent-text, var(--_accent)) 45%, transparent);
    border-radius: 17px;
    background: var(--_background);
    color: var(--_accent-text, var(--_accent));
    font: inherit;
    font-size: 0.9333em;
    font-weight: 600;
    line-height: 1.3;
    overflow-wrap: anywhere;
    text-align: start;
    text-decoration: none;
    cursor: pointer;
    transition: background var(--_fast);
  }

  .choice.primary {
    border-color: transparent;
    background: var(--_accent);
    color: var(--_on-accent);
  }

  @media (hover: hover) {
    .choice:is(button):not([aria-disabled='true']):hover,
    a.choice:hover {
      background: color-mix(in srgb, var(--_accent) 10%, var(--_background));
    }

    .choice.primary:is(button):not([aria-disabled='true']):hover,
    a.choice.primary:hover {
      background: color-mix(in srgb, var(--_accent) 88%, var(--_text));
    }
  }

  .choice.danger {
    border-color: color-mix(in srgb, var(--_danger) 45%, transparent);
    color: var(--_danger);
  }

  /* Answered: still to be read, no longer to be pressed. */
  .choice[aria-disabled='true'] {
    border-color: var(--_border);
    background: transparent;
    color: var(--_muted);
    cursor: default;
  }

  .choice.chosen {
    border-color: var(--_accent-text, var(--_accent));
    color: var(--_text);
  }

  .choice .icon {
    flex: none;
    inline-size: 1em;
    block-size: 1em;
  }

  .icon.out:dir(rtl) {
    scale: -1 1;
  }

  @media (pointer: coarse) {
    .choice {
      min-block-size: 44px;
      border-radius: 22px;
    }
  }

  .data-link {
    padding: 0;
    border: 0;
    background: none;
    color: var(--_accent-text, var(--_accent));
    font: inherit;
    text-align: start;
    text-decoration: underline;
    text-underline-offset: 2px;
    overflow-wrap: anywhere;
    cursor: pointer;
  }

  .data-link .icon {
    inline-size: 0.85em;
    block-size: 0.85em;
    vertical-align: -0.05em;
  }

  .rows {
    display: grid;
    margin: 4px 0 2px;
    padding: 0;
    list-style: none;
  }

  .rows > li {
    display: flex;
    align-items: baseline;
    gap: 4px 12px;
    min-block-size: 36px;
    padding-block: 7px;
  }

  .rows > li + li {
    border-block-start: 1px solid color-mix(in srgb, currentcolor 14%, transparent);
  }

  .row-main {
    display: grid;
    flex: 1;
    justify-items: start;
    min-inline-size: 0;
  }

  .row-title {
    font-weight: 600;
  }

  .row-detail {
    flex: none;
    max-inline-size: 45%;
  }

  /* A shade at the edge where there is more to the side: sheets that scroll along uncover it. */
  .sortable {
    --_shade: color-mix(in srgb, var(--_text) 16%, transparent);
    max-block-size: 26em;
    overflow: auto;
    background:
      linear-gradient(to right, var(--_surface) 40%, transparent) 0 0 / 32px 100% no-repeat local,
      linear-gradient(to left, var(--_surface) 40%, transparent) 100% 0 / 32px 100% no-repeat local,
      linear-gradient(to right, var(--_shade), transparent) 0 0 / 10px 100% no-repeat,
      linear-gradient(to left, var(--_shade), transparent) 100% 0 / 10px 100% no-repeat;
    scrollbar-width: thin;
  }

  .sortable caption {
    position: sticky;
    inset-inline-start: 0;
    /* No shade beside a title: there is nothing more of it. */
    background: var(--_surface);
    padding-block-end: 4px;
    font-weight: 650;
    text-align: start;
  }

  .grid.sortable thead th {
    position: sticky;
    inset-block-start: 0;
    z-index: 1;
    background: var(--_surface);
    opacity: 1;
  }

  .sortable th button {
    display: inline-flex;
    align-items: center;
    gap: 2px;
    min-block-size: 28px;
    margin-inline: -4px;
    padding: 2px 4px;
    border: 0;
    border-radius: 6px;
    background: none;
    color: var(--_muted);
    font: inherit;
    font-weight: 600;
    cursor: pointer;
  }

  @media (hover: hover) {
    .sortable th button:hover {
      color: var(--_text);
    }
  }

  .sortable .number:is(th, td) {
    text-align: right;
    font-variant-numeric: tabular-nums;
  }

  .sortable:dir(rtl) .number:is(th, td) {
    text-align: left;
  }

  .sort {
    display: inline-flex;
    visibility: hidden;
  }

  .sort:is(.ascending, .descending),
  th button:is(:hover, :focus-visible) .sort {
    visibility: visible;
  }

  .sort .icon {
    inline-size: 0.95em;
    block-size: 0.95em;
    transition: rotate var(--_fast);
  }

  .sort:not(.descending) .icon {
    rotate: 180deg;
  }

  .table-tools {
    display: flex;
    margin-block-start: calc(var(--_space) * 1.5);
    flex-wrap: wrap;
    align-items: center;
    gap: 2px 12px;
    font-size: 0.9em;
  }

  .table-tools .link {
    padding-inline: 0;
  }

  .decided {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px 8px;
    margin: 4px 0 2px;
    font-weight: 600;
  }

  .decided .icon {
    color: var(--_muted);
  }

  .decided.good .icon {
    color: var(--_success);
  }

  .decided.good::before {
    content: none;
  }

  .decided time {
    color: var(--_muted);
    font-size: 0.9em;
    font-weight: 400;
  }

  /* Else a plate of the window's colour is laid behind words of that colour. */
  @media (forced-colors: active) {
    .choice.primary {
      forced-color-adjust: none;
    }
  }

  .sure-words {
    inline-size: 100%;
    font-weight: 600;
  }
`;
