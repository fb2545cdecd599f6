import { css } from 'lit';

/** The files above the field, the button beside it, and the sheet to drop files on. */
export const attachmentsStyles = css`
  .attach {
    display: grid;
    flex: none;
    place-items: center;
    inline-size: 44px;
    block-size: 44px;
    padding: 0;
    border: 0;
    border-radius: 50%;
    background: none;
    color: var(--_muted);
  }

  @media (hover: hover) {
    .attach:not(:disabled):hover {
      background: color-mix(in srgb, currentcolor 12%, transparent);
      color: var(--_text);
    }
  }

  .attach + input + textarea {
    padding-inline-start: 4px;
  }

  .attachments {
    display: flex;
    flex-direction: column;
    gap: calc(var(--_space) * 1.5);
    max-block-size: 30vh;
    margin: 0 0 calc(var(--_space) * 2);
    padding: 0;
    overflow-y: auto;
    list-style: none;
  }

  .slow {
    display: flex;
    gap: calc(var(--_space) * 2);
    margin: 0 0 calc(var(--_space) * 2);
    color: var(--_muted);
    font-size: 0.9em;
    line-height: 1.35;
  }

  .attachment {
    display: flex;
    align-items: center;
    gap: calc(var(--_space) * 2.5);
    padding: calc(var(--_space) * 1.5);
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    font-size: 0.9em;
    line-height: 1.35;
  }

  .attachment .file {
    flex: 1;
    min-inline-size: 0;
  }

  .attachment .file-name {
    display: block;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .attachment .detail {
    display: block;
    color: var(--_muted);
    font-size: 0.9em;
  }

  .thumbnail {
    display: grid;
    flex: none;
    place-items: center;
    inline-size: 40px;
    block-size: 40px;
    overflow: hidden;
    border-radius: calc(var(--_radius) / 2);
    background: var(--_surface);
    color: var(--_muted);
  }

  .thumbnail canvas {
    inline-size: 100%;
    block-size: 100%;
  }

  .refusal {
    display: block;
  }

  .as-inline {
    position: relative;
  }

  .drop {
    position: absolute;
    inset: 0;
    z-index: 3;
    display: grid;
    place-items: center;
    padding: calc(var(--_space) * 6);
    border: 3px dashed var(--_accent-text);
    border-radius: inherit;
    background: color-mix(in srgb, var(--_background) 97%, transparent);
    font-size: 1.2em;
    font-weight: 600;
    text-align: center;
  }
`;
