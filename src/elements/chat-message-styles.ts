import { css } from 'lit';
import { chatAvatarStyles } from './chat-avatar-styles.ts';

/** The rows of the transcript. */
export const chatMessageStyles = css`
  .section {
    display: flow-root;
    /* Nothing is painted outside a section: room for focus rings. */
    margin-inline: -16px;
    padding-inline: 16px;
  }

  /* Far from the viewport these are neither laid out nor painted; their last size, or a usual one, stands in for them. */
  .section.full {
    content-visibility: auto;
    contain-intrinsic-size: auto none auto 3000px;
  }

  .earlier {
    display: flex;
    justify-content: center;
    padding-block: 4px 8px;
  }

  .day,
  .notice {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    margin-block: 16px 12px;
    color: var(--_muted);
    font-size: 0.8667em;
  }

  .day {
    font-weight: 600;
  }

  ${chatAvatarStyles}

  .avatar.large {
    inline-size: 38px;
    block-size: 38px;
    background: var(--_accent);
    color: var(--_on-accent);
    font-size: 1em;
  }

  .message {
    display: grid;
    justify-items: start;
    margin-block-start: 3px;
  }

  .message.first {
    margin-block-start: 14px;
  }

  .message.own {
    justify-items: end;
    padding-inline-start: 12%;
  }

  :is(.message.agent, .awaiting) {
    grid-template-columns: 28px minmax(0, 1fr);
    column-gap: 8px;
  }

  :is(.message.agent, .awaiting) > * {
    grid-column: 2;
  }

  :is(.message.agent, .awaiting) > .avatar {
    grid-column: 1;
    grid-row: 2;
    margin-block-start: 6px;
  }

  .name {
    max-inline-size: 100%;
    margin-block-end: 2px;
    overflow: hidden;
    color: var(--_muted);
    font-size: 0.8667em;
    font-weight: 600;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .line {
    position: relative;
    display: flex;
    min-inline-size: 0;
    max-inline-size: 100%;
  }

  .bubble,
  .typing {
    min-inline-size: 0;
    padding: 8px 13px;
    border-radius: 18px;
  }

  .agent .bubble,
  .typing {
    border-end-start-radius: 6px;
    background: var(--_surface);
  }

  .agent:not(.first) .bubble {
    border-start-start-radius: 6px;
  }

  .own .bubble {
    border-end-end-radius: 6px;
    background: var(--_accent);
    color: var(--_on-accent);
  }

  .own:not(.first) .bubble {
    border-start-end-radius: 6px;
  }

  .failed .bubble {
    background: color-mix(in srgb, var(--_danger) 12%, var(--_background));
    color: var(--_text);
    box-shadow: inset 0 0 0 1px var(--_danger);
  }

  .plain {
    white-space: pre-wrap;
  }

  .quiet {
    margin: 0;
    font-style: italic;
  }

  /* As high as the line it stands in, however large it is. */
  .meta .copy {
    margin-block: -5px;
  }

  /* Within a group nothing stands below: over the edge of the bubble, where its text does not reach. */
  .line .copy {
    position: absolute;
    inset-block-end: -6px;
    inset-inline-start: calc(100% - 13px);
    background: var(--_background);
    box-shadow: 0 0 0 1px var(--_border);
  }

  .own .line .copy {
    inset-inline: auto calc(100% - 13px);
  }

  .copy {
    opacity: 0;
    transition: opacity var(--_fast);
  }

  .quietly {
    opacity: 0;
    transition: opacity var(--_fast);
  }

  .message:is(:hover, :focus-within, .latest) :is(.copy, .quietly) {
    opacity: 1;
  }

  /* Where nothing hovers, a tap on the visitor's own message shows its button. */
  @media (hover: none) {
    :is(.agent, .failed) :is(.copy, .quietly) {
      opacity: 0.75;
    }
  }

  .meta {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 8px;
    margin: 3px 6px 0;
    color: var(--_muted);
    font-size: 0.8em;
  }

  .own .meta {
    justify-content: end;
  }

  .state {
    display: inline-flex;
    gap: 4px;
  }

  .state .icon {
    margin-block-start: 0.15em;
  }

  .state.failed {
    color: var(--_danger);
  }

  .actions {
    display: inline-flex;
    flex-wrap: wrap;
    gap: 0 4px;
    /* The words stand below the others, not what surrounds them. */
    margin-inline: -4px;
    font-size: 1.05em;
  }

  @media (pointer: coarse) {
    .actions {
      margin-block: -8px;
    }
  }

  /* Not while a message is about to go: its buttons would flash at every send. */
  .actions.queued {
    animation: come var(--_fast) 600ms backwards;
  }

  @keyframes come {
    from {
      visibility: hidden;
      opacity: 0;
    }
  }

  .link.sure {
    color: var(--_danger);
  }

  .edited .bubble {
    outline: 2px dashed var(--_focus);
    outline-offset: 2px;
  }

  summary {
    display: flex;
    align-items: center;
    gap: 6px;
    min-block-size: 28px;
    border-radius: 6px;
    list-style: none;
    cursor: pointer;
  }

  @media (pointer: coarse) {
    summary {
      min-block-size: 44px;
    }
  }

  summary::-webkit-details-marker {
    display: none;
  }

  summary .icon {
    inline-size: 1em;
    block-size: 1em;
    transition: rotate var(--_fast);
  }

  /* The other way round in right-to-left pages: down is then a turn to the left. */
  summary:dir(rtl) .icon {
    scale: -1 1;
  }

  [open] > summary .icon {
    rotate: 90deg;
  }

  [open] > summary:dir(rtl) .icon {
    rotate: -90deg;
  }

  .typing i {
    inline-size: 7px;
    block-size: 7px;
    border-radius: 50%;
    background: var(--_muted);
    animation: wait 1.2s infinite;
  }

  .awaiting {
    display: grid;
    justify-items: start;
    margin-block: 3px 4px;
  }

  .awaiting.named {
    margin-block-start: 14px;
  }

  .awaiting .line {
    flex-wrap: wrap;
    align-items: center;
    gap: 0 8px;
  }

  .awaiting .stop {
    font-size: 0.9em;
  }

  /* Most replies come before anybody would want to leave off. */
  .stop {
    animation: come var(--_fast) 4s backwards;
  }

  .typing {
    display: flex;
    gap: 4px;
    padding: 13px 14px;
  }

  .typing i:nth-child(2) {
    animation-delay: 0.15s;
  }

  .typing i:nth-child(3) {
    animation-delay: 0.3s;
  }

  .skeleton {
    display: grid;
    gap: 12px;
    padding-block: 16px;
  }

  .skeleton i {
    inline-size: 62%;
    block-size: 40px;
    border-radius: 18px;
    background: var(--_surface);
    animation: wait 1.6s infinite;
  }

  .skeleton .own {
    justify-self: end;
    inline-size: 45%;
  }

  @media (prefers-reduced-motion: no-preference) {
    @keyframes wait {
      30% {
        opacity: 0.35;
      }
      60% {
        opacity: 1;
      }
    }
  }

  @media (forced-colors: active) {
    .message .bubble,
    .typing {
      border: 1px solid;
      background: Canvas;
      color: CanvasText;
    }
  }
`;
