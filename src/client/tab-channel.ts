import { RealtimeError } from '../protocol/errors.ts';
import type { Environment } from './environment.ts';

/**
 * What tabs say to each other. Everything is a plain object with `v` (the major version of these messages), `from` (the
 * tab that speaks) and `kind`.
 */
export type TabMessage =
  /** Whoever leads is asked for a sign of life. */
  | { readonly kind: 'ping' }
  | ({ readonly kind: 'leader' } & Leadership)
  /** It leads no more. */
  | { readonly kind: 'bye'; readonly term: string }
  /** For every other tab; what it says is the client's matter. */
  | { readonly kind: 'note'; readonly note: unknown }
  /** To the leader of `term`. */
  | {
      readonly kind: 'call';
      readonly term: string;
      readonly id: string;
      readonly method: string;
      readonly args: readonly unknown[];
    }
  | { readonly kind: 'answer'; readonly id: string; readonly value?: unknown; readonly error?: unknown };

/** A sign of life of the tab that leads. */
export interface Leadership {
  /** Identity of this leadership; a tab that leads again has another. */
  readonly term: string;
  /** Milliseconds since 1970 at which it began: of two that claim to lead, the later one does. */
  readonly since: number;
  readonly hidden: boolean;
  /** What its connection is like; the client's matter. */
  readonly state: unknown;
}

/** Raised when an older script could no longer understand a newer one; tabs of different versions do not hear each other. */
const VERSION = 1;

export interface TabChannelPorts {
  readonly BroadcastChannel: typeof globalThis.BroadcastChannel;
  readonly name: string;
  /** Of this tab. */
  readonly tab: string;
  onMessage(message: TabMessage, from: string): void;
}

/** The line between the tabs of one account. Whatever breaks its protocol is dropped and counted. */
export class TabChannel {
  readonly #channel: BroadcastChannel;
  readonly #ports: TabChannelPorts;
  readonly #closing = new AbortController();
  /** Messages heard that made no sense. */
  ignored = 0;

  /** Opens it. Throws what the browser throws where pages may not talk. */
  constructor(ports: TabChannelPorts) {
    this.#ports = ports;
    this.#channel = new ports.BroadcastChannel(ports.name);
    const { signal } = this.#closing;
    this.#channel.addEventListener('message', (event) => this.#receive(event.data), { signal });
    this.#channel.addEventListener('messageerror', () => this.ignored++, { signal });
  }

  /** @throws {RealtimeError} `input` when the message holds something that cannot leave the page. */
  post(message: TabMessage): void {
    try {
      this.#channel.postMessage({ v: VERSION, from: this.#ports.tab, ...message });
    } catch (reason) {
      throw new RealtimeError('input', 'This cannot be passed on to another tab.', { cause: reason });
    }
  }

  close(): void {
    this.#closing.abort();
    this.#channel.close();
  }

  #receive(data: unknown): void {
    if (isObject(data) && data.v === VERSION && typeof data.from === 'string' && isMessage(data)) {
      this.#ports.onMessage(data, data.from);
    } else {
      this.ignored++;
    }
  }
}

/** Name of the channel and of the lock that the tabs of an account share. */
export function tabsName(account: string): string {
  return `xians-widgets:${account}`;
}

/** Says `note` to the tabs of `account` without taking part. Throws what the browser throws where pages may not talk. */
export function postOnce({ BroadcastChannel, uuid }: Environment, account: string, note: unknown): void {
  if (!BroadcastChannel) return;
  const ports = { BroadcastChannel, name: tabsName(account), tab: uuid(), onMessage: () => {} };
  const channel = new TabChannel(ports);
  channel.post({ kind: 'note', note });
  channel.close();
}

function isMessage(data: Record<string, unknown>): data is Record<string, unknown> & TabMessage {
  const { kind, term, id, since, hidden, method, args } = data;
  switch (kind) {
    case 'ping':
    case 'note':
      return true;
    case 'bye':
      return typeof term === 'string';
    case 'leader':
      return typeof term === 'string' && Number.isFinite(since) && typeof hidden === 'boolean';
    case 'call':
      return (
        typeof term === 'string' &&
        typeof id === 'string' &&
        typeof method === 'string' &&
        Array.isArray(args)
      );
    case 'answer':
      return typeof id === 'string';
    default:
      return false;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
