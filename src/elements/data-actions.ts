import { html, nothing, svg, type TemplateResult } from 'lit';
import type { Message } from '../protocol/types.ts';
import type { ChatAction } from './chat-events.ts';
import { XiansActionEvent } from './chat-events.ts';
import type { DataContext } from './data-context.ts';
import { dataKindsWords } from './data-kinds-words.ts';
import { cut, isFields, pick, pickText, type Fields } from './data-values.ts';
import { errorText } from './error-text.ts';
import { icon } from './icons.ts';
import { safeUrl } from './markdown-links.ts';

/** This many buttons show; the others when they are asked for, up to the second number. */
const SHOWN = 20;
const MOST = 200;
/** Longest words on a button, in UTF-16 units. */
const LABEL = 120;

/** A button as it is drawn. */
export interface ActionButton extends ChatAction {
  readonly style: 'primary' | 'danger' | undefined;
}

/** What a group of buttons remembers. */
export interface ActionsState {
  sending: boolean;
  error: string | undefined;
  all: boolean;
}

export function actionsState(): ActionsState {
  return { sending: false, error: undefined, all: false };
}

/** The buttons of a list, whatever its author calls their parts. What would do nothing, or may not be done, is left out. */
export function actionsOf(list: readonly unknown[]): readonly ActionButton[] {
  return list.slice(0, MOST).flatMap((item) => actionOf(item) ?? []);
}

/** The button that `item` describes: a text, or `{ label, text?, data?, url?, style? }`. */
export function actionOf(item: unknown): ActionButton | undefined {
  if (typeof item === 'string' || typeof item === 'number') {
    const text = String(item).trim();
    return text ? { label: cut(text, LABEL), text, style: undefined } : undefined;
  }
  if (!isFields(item)) return undefined;
  const named = pickText(item, 'label', 'title', 'text', 'name', 'value');
  if (named === undefined) return undefined;
  const label = cut(named, LABEL);
  const look = pick(item, 'style');
  const style = look === 'primary' || look === 'danger' ? look : undefined;
  const address = pickText(item, 'url', 'href', 'link');
  if (address !== undefined) {
    const url = safeUrl(address)?.href;
    return url === undefined ? undefined : { label, url, style };
  }
  const text = pickText(item, 'text', 'message');
  const value = pick(item, 'data', 'payload', 'value');
  if (isFields(value))
    return { label, ...(text === undefined ? {} : { text }), data: sendable(value), style };
  const data = value === undefined ? undefined : { data: { type: 'action', value } };
  return { label, text: text ?? named, ...data, style };
}

/** The server unwraps an object whose only member is `value`. */
function sendable(data: Fields): Fields {
  const names = Object.keys(data);
  return names.length === 1 && names[0] === 'value' ? { type: 'action', ...data } : data;
}

/**
 * The buttons. With `once`, they are done with when the visitor has answered, and the one that was the answer is marked:
 * they stay where they are, so that whoever pressed one keeps the focus.
 */
export function renderActions(
  actions: readonly ActionButton[],
  state: ActionsState,
  context: DataContext,
  once = false,
): unknown {
  if (actions.length === 0) return nothing;
  const words = context.language.words(dataKindsWords);
  const replies = once ? context.replies : [];
  const chosen = replies[0] && actions.findIndex((action) => isAnswer(replies[0]!, action));
  const off = state.sending || replies.length > 0;
  const shown = state.all ? actions : actions.slice(0, SHOWN);
  return html`<div class="data-choices" role="group" aria-label=${words.answers}>
      ${shown.map((action, index) =>
        action.url === undefined
          ? html`<button
              type="button"
              part="action"
              class="choice ${action.style ?? ''} ${index === chosen ? 'chosen' : ''}"
              dir="auto"
              aria-disabled=${off}
              @click=${() => off || run(action, state, context)}
            >
              ${index === chosen ? icon('check') : nothing}${action.label}${
                index === chosen ? html`<span class="hush">(${words.chosen})</span>` : nothing
              }
            </button>`
          : renderLink(action, action.url, context, `choice ${action.style ?? ''}`),
      )}
      ${
        shown.length < actions.length
          ? html`<button
              type="button"
              class="choice quiet-choice"
              @click=${() => {
                state.all = true;
                context.update();
              }}
            >
              ${words.more({ count: actions.length - shown.length })}
            </button>`
          : nothing
      }
    </div>
    ${renderError(state.error)}`;
}

/** A link that leaves the page, after `xians-action`. */
export function renderLink(
  action: ChatAction,
  url: string,
  { host, message, language }: DataContext,
  look: string,
): TemplateResult {
  return html`<a
    class=${look}
    part="action"
    href=${url}
    target="_blank"
    rel="noopener noreferrer nofollow"
    dir="auto"
    @click=${(event: Event) => {
      if (!host.dispatchEvent(new XiansActionEvent({ label: action.label, url }, message)))
        event.preventDefault();
    }}
    >${action.label}&nbsp;${OUT}<span class="hush">(${language.words(dataKindsWords).newTab})</span></a
  >`;
}

export function renderError(error: string | undefined): unknown {
  return error === undefined
    ? nothing
    : html`<p class="data-error" role="alert">${icon('alert')}<span>${error}</span></p>`;
}

/** Does what the button says, and shows why if it could not. */
export async function run(action: ChatAction, state: ActionsState, context: DataContext): Promise<boolean> {
  if (state.sending) return false;
  state.sending = true;
  state.error = undefined;
  context.update();
  try {
    return await context.act(plain(action));
  } catch (error) {
    state.error = errorText(error, context.language);
    return false;
  } finally {
    state.sending = false;
    context.update();
  }
}

function plain({ label, text, data, url }: ChatAction): ChatAction {
  return {
    label,
    ...(text === undefined ? {} : { text }),
    ...(data === undefined ? {} : { data }),
    ...(url === undefined ? {} : { url }),
  };
}

function isAnswer({ text }: Message, action: ChatAction): boolean {
  return action.url === undefined && text?.trim() === (action.text ?? action.label).trim();
}

/** Leaves the page: an arrow out of a box. */
const OUT = html`<svg class="icon out" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
  ${svg`<path d="M14 5h5v5M19 5l-9 9M11 5H6a1 1 0 0 0-1 1v12a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1v-5" />`}
</svg>`;
