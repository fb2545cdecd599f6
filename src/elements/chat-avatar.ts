import { html, nothing, type TemplateResult } from 'lit';

/** As many tints as `chat-avatar-styles.ts` has. */
const TINTS = 6;

/** Initials in a colour that goes with the name; a picture over them as soon as it is there, and only if it comes. */
export function renderAvatar(name: string, image?: string): TemplateResult {
  return html`<div class="avatar tint-${tintOf(name)}" part="avatar" aria-hidden="true">
    ${initials(name)}${
      image
        ? html`<img
            src=${image}
            alt=""
            referrerpolicy="no-referrer"
            decoding="async"
            hidden
            @load=${show}
            @error=${hide}
          />`
        : nothing
    }
  </div>`;
}

/** The first letter or digit of the first and of the last word, whole even outside of the basic plane. */
export function initials(name: string): string {
  const letters = name.match(/(?<![\p{L}\p{N}\p{M}'’])[\p{L}\p{N}]/gu) ?? ['·'];
  return (letters[0] + (letters.length > 1 ? (letters.at(-1) ?? '') : '')).toLocaleUpperCase();
}

/** The same for the same name, in every page. */
function tintOf(name: string): number {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return sum % TINTS;
}

function show({ currentTarget }: Event): void {
  (currentTarget as HTMLElement).hidden = false;
}

function hide({ currentTarget }: Event): void {
  (currentTarget as HTMLElement).hidden = true;
}
