import { css } from 'lit';

/**
 * Pictures of who speaks. Each tint is mixed with the colours of the window, so that what is written on it can be read on
 * any (measured: at least 7 with the default colours).
 */
export const chatAvatarStyles = css`
  .avatar {
    --_tint: var(--_accent);
    position: relative;
    display: grid;
    place-items: center;
    inline-size: 28px;
    block-size: 28px;
    overflow: hidden;
    border-radius: 50%;
    background: color-mix(in oklab, var(--_tint) 18%, var(--_background));
    color: color-mix(in oklab, var(--_tint) 40%, var(--_text));
    font-size: 0.72em;
    font-weight: 700;
    line-height: 1;
  }

  .tint-1 {
    --_tint: #d9480f;
  }

  .tint-2 {
    --_tint: #2b8a3e;
  }

  .tint-3 {
    --_tint: #1971c2;
  }

  .tint-4 {
    --_tint: #9c36b5;
  }

  .tint-5 {
    --_tint: #0c8599;
  }

  .avatar img {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    object-fit: cover;
  }

  .avatar img[hidden] {
    display: none;
  }

  @media (forced-colors: active) {
    .avatar {
      border: 1px solid;
    }
  }
`;
