import { css } from 'lit';

export const chatTopicsStyles = css`
  .drawer-head {
    display: flex;
    align-items: center;
    gap: 8px;
    padding-block: 12px;
    padding-inline: 16px 12px;
    border-block-end: 1px solid var(--_border);
  }

  .drawer-head h3 {
    flex: 1;
    margin: 0;
    font-size: 1.0667em;
    font-weight: 650;
  }

  .topics {
    flex: 1;
    min-block-size: 0;
    margin: 0;
    padding: 8px;
    overflow-y: auto;
    list-style: none;
  }

  .topics-none {
    display: grid;
    flex: 1;
    place-content: center;
    justify-items: center;
    gap: 12px;
    padding: 24px;
    color: var(--_muted);
    text-align: center;
  }

  .topics-none p {
    margin: 0;
  }

  .topic {
    position: relative;
    display: flex;
    align-items: center;
    border-radius: 10px;
  }

  .topic.current {
    background: var(--_surface);
  }

  @media (hover: hover) {
    .topic:hover {
      background: var(--_surface);
    }
  }

  .topic.current::before {
    content: '';
    position: absolute;
    inset-block: 10px;
    inset-inline-start: 0;
    inline-size: 3px;
    border-radius: 2px;
    background: var(--_accent-text);
    forced-color-adjust: none;
  }

  .go {
    display: grid;
    flex: 1;
    grid-template-columns: minmax(0, 1fr);
    gap: 2px;
    min-inline-size: 0;
    padding-block: 10px;
    padding-inline: 12px 4px;
    border: 0;
    border-radius: 10px;
    background: none;
    color: inherit;
    text-align: start;
  }

  .topic-line {
    display: flex;
    align-items: baseline;
    gap: 8px;
    min-block-size: 22px;
  }

  .topic-name,
  .excerpt {
    flex: 1;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    text-align: start;
  }

  .topic-name {
    font-weight: 600;
  }

  .excerpt,
  .topic time {
    color: var(--_muted);
    font-size: 0.8667em;
  }

  .excerpt.draft {
    font-style: italic;
  }

  .topic-news {
    min-inline-size: 20px;
    padding: 0 6px;
    border-radius: 10px;
    background: var(--_accent);
    color: var(--_on-accent);
    font-size: 0.8em;
    font-weight: 600;
    line-height: 20px;
    text-align: center;
  }

  .topic .rename {
    margin-inline: 2px 6px;
  }

  .new-topic,
  .renaming {
    display: flex;
    gap: 8px;
    padding: 12px;
  }

  .new-topic {
    border-block-start: 1px solid var(--_border);
  }

  .renaming {
    flex: 1;
    flex-wrap: wrap;
    gap: 4px;
    padding: 8px 4px;
  }

  .renaming p {
    flex-basis: 100%;
    margin: 0;
    padding-inline: 12px;
    color: var(--_muted);
    font-size: 0.8667em;
  }

  .topic-field {
    flex: 1;
    min-inline-size: 0;
    min-block-size: 40px;
    padding: 4px 12px;
    border: 1px solid var(--_border);
    border-radius: 10px;
    background: var(--_background);
    color: inherit;
    /* Below 16px phones zoom in. */
    font: inherit;
    font-size: max(16px, 1em);
  }

  /* One frame, not two. */
  .topic-field:focus-visible {
    outline-offset: -1px;
  }

  @media (pointer: coarse) {
    .topic .rename {
      inline-size: 44px;
      block-size: 44px;
    }

    .topic-field {
      min-block-size: 44px;
    }
  }
`;
