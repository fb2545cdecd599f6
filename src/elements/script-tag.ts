import type { registerWords } from './own-words.ts';
import type { registerRenderer } from './renderers.ts';
import type { XiansChat } from './xians-chat.ts';

/** A command and its arguments, as a page pushes them: `['chat.send', 'Hello']`. */
export type Command = readonly [name: string, ...args: unknown[]];

/** What stands at `window.XiansWidgets`: a plain array before the script is loaded, this afterwards. */
export interface CommandQueue {
  push(...commands: Command[]): void;
}

type Page = Window & { XiansWidgets?: CommandQueue | Command[] };

/**
 * Marks a script tag that has its chat, and that chat with what its tag says; on the elements, so that another copy of the
 * library sees it too.
 */
const USED = Symbol.for('xians-widgets-used');
type Tag = HTMLScriptElement & { [USED]?: true };
type Chat = XiansChat & { [USED]?: string };

/**
 * The script tags that loaded `url` and ask for a chat of their own by `data-server-url`, and have not got it yet. A module
 * has no `document.currentScript`, and one module stands for every tag with its address. Where no address matches (a
 * redirect), file names are compared.
 */
export function ownScriptTags(url: string, root: ParentNode = document): HTMLScriptElement[] {
  const tags = [...root.querySelectorAll<Tag>('script[src][data-server-url]')].filter((tag) => !tag[USED]);
  const exact = tags.filter((tag) => tag.src === url);
  const own = exact.length > 0 ? exact : tags.filter((tag) => fileName(tag.src) === fileName(url));
  for (const tag of own) tag[USED] = true;
  return own;
}

/**
 * A floating chat with the attributes that the script tag has as `data-…`, appended to the body; `undefined` when an equal
 * one is there already because the tag was pasted twice.
 */
export function chatFromScript(tag: HTMLScriptElement): XiansChat | undefined {
  const chat: Chat = document.createElement('xians-chat');
  const says = (chat[USED] = JSON.stringify(Object.entries(tag.dataset).sort()));
  if ([...document.querySelectorAll<Chat>('xians-chat')].some((other) => other[USED] === says))
    return undefined;
  const known = (customElements.get('xians-chat') as typeof XiansChat | undefined)?.observedAttributes ?? [];
  chat.setAttribute('display', 'bubble');
  for (const name of known) {
    const value = tag.getAttribute(`data-${name}`);
    if (value !== null) chat.setAttribute(name, value);
  }
  document.body.append(chat);
  return chat;
}

/** Runs `callback` when there is a body to append to: now, or when the page is parsed. */
export function whenBody(callback: () => void): void {
  if (document.body) callback();
  else document.addEventListener('DOMContentLoaded', callback, { once: true });
}

/**
 * Runs the commands queued at `window.XiansWidgets` and puts an object there whose `push` runs them at once. Leaves a
 * queue that another copy of the library has taken over as it is.
 */
export function takeOverQueue(page: Page = window): void {
  const queued = page.XiansWidgets;
  if (queued && !Array.isArray(queued)) return;
  page.XiansWidgets = { push: (...commands) => commands.forEach(run) };
  queued?.forEach(run);
}

/** Methods of the chat that are commands: `chat.show`. */
const METHODS = ['show', 'hide', 'toggle', 'send', 'prefill', 'logout'] as const;

const COMMANDS: Record<string, (...args: never[]) => unknown> = {
  ...Object.fromEntries(
    METHODS.map((method) => [`chat.${method}`, (...args: [never]) => chat()[method](...args)]),
  ),
  'chat.consent': (given: boolean) => (chat().consent = given !== false),
  'provider.logout': () => (document.querySelector('xians-provider') ?? chat()).logout(),
  registerRenderer: async (...args: Parameters<typeof registerRenderer>) =>
    (await import('./renderers.ts')).registerRenderer(...args),
  words: async (...args: Parameters<typeof registerWords>) =>
    (await import('./own-words.ts')).registerWords(...args),
  /** `on('message-received', fn)`: the events of every element on the page, with or without `xians-` in front. */
  on: (event: string, listener: EventListener) =>
    document.addEventListener(`xians-${event.replace(/^xians-/, '')}`, listener),
};

/** One command. What goes wrong is said on the console: there is no caller who could be told. */
function run(command: Command): void {
  const [name, ...args] = Array.isArray(command) ? command : [];
  const action = Object.hasOwn(COMMANDS, String(name)) ? COMMANDS[String(name)] : undefined;
  if (!action) {
    console.warn(`xians-widgets: unknown command ${JSON.stringify(name)}.`);
    return;
  }
  const attempt = async () => action(...(args as never[]));
  attempt().catch((error: unknown) => {
    console.warn(
      `xians-widgets: ${name} failed: ${error instanceof Error ? error.message : 'unknown error'}`,
    );
  });
}

/** The chat that commands are for: the first one on the page that floats, else the first one. */
function chat(): XiansChat {
  const found =
    document.querySelector('xians-chat[display="bubble"]') ?? document.querySelector('xians-chat');
  if (!found) throw new Error('there is no xians-chat on the page.');
  return found as XiansChat;
}

function fileName(url: string): string {
  return new URL(url, document.baseURI).pathname.split('/').at(-1) ?? '';
}
