import type { Undo } from '../protocol/emitter.ts';
import { pageStorage } from '../queue/waiting-mark.ts';
import { browserTransportEnvironment, type TransportEnvironment } from '../transports/transport.ts';

/**
 * What the page's life tells the client. `online` and `offline` are hints only; `frozen` also stands for entering the
 * back/forward cache, `resumed` for leaving it.
 */
export type LifecycleEvent = 'online' | 'offline' | 'visible' | 'hidden' | 'frozen' | 'resumed';

/** Time, randomness, storage, network and page lifecycle: the one seam through which the world reaches the client. */
export interface Environment extends TransportEnvironment {
  /** Milliseconds since 1970. May jump. */
  now(): number;
  /** What the machine believes; never the only proof. */
  isOnline(): boolean;
  isVisible(): boolean;
  onLifecycle(listener: (event: LifecycleEvent) => void): Undo;
  /** Persistent storage; absent in Node unless passed in, and on pages that forbid it. */
  readonly indexedDB?: IDBFactory;
  /** What makes one tab of a site the leader. Absent in Node, whose clients are no tabs, and on pages over plain http. */
  readonly locks?: LockManager;
  /** How the tabs of a site talk. Absent in Node, even where it has one: several clients of a process are no tabs. */
  readonly BroadcastChannel?: typeof globalThis.BroadcastChannel;
  /** Where a page finds without loading anything that messages wait; absent in Node and where the browser denies it. */
  readonly localStorage?: Storage;
  /** Sends even when the page is gone the next moment; `false` where the browser refuses. Absent in Node. */
  readonly sendBeacon?: (url: URL, body: Blob) => boolean;
  /** What the clients of one page share, by name: circuit breakers, paces. */
  readonly shared: Map<string, unknown>;
  /** Where the page is, for relative URLs and the API key warning; `undefined` outside a page. */
  readonly location: { readonly href: string; readonly hostname: string } | undefined;
}

/** Whether the tabs of this site can work as one. */
export function sharesTabs({ indexedDB, locks, BroadcastChannel }: Environment): boolean {
  return indexedDB !== undefined && locks !== undefined && BroadcastChannel !== undefined;
}

const shared = new Map<string, unknown>();

/** The environment of this page, or of Node. `overrides` replaces parts, for example `{ WebSocket }` in Node 20. */
export function defaultEnvironment(overrides: Partial<Environment> = {}): Environment {
  const page: Omit<Environment, keyof TransportEnvironment> = {
    get indexedDB() {
      return globalThis.indexedDB;
    },
    get locks() {
      return isPage() ? (navigator as Partial<Navigator>).locks : undefined;
    },
    get BroadcastChannel() {
      return isPage() ? globalThis.BroadcastChannel : undefined;
    },
    get localStorage() {
      return isPage() ? pageStorage() : undefined;
    },
    get sendBeacon() {
      return isPage() ? (navigator as Partial<Navigator>).sendBeacon?.bind(navigator) : undefined;
    },
    get location() {
      return isPage() ? globalThis.location : undefined;
    },
    shared,
    now: () => Date.now(),
    isOnline: () => globalThis.navigator?.onLine !== false,
    isVisible: () => !isPage() || document.visibilityState !== 'hidden',
    onLifecycle: watchPage,
  };
  // By their descriptors, since getters look at the page when they are asked, not now.
  const parts = [browserTransportEnvironment, page, overrides].map(Object.getOwnPropertyDescriptors);
  return Object.defineProperties({}, Object.assign({}, ...parts) as PropertyDescriptorMap) as Environment;
}

function watchPage(listener: (event: LifecycleEvent) => void): Undo {
  if (!isPage()) return () => {};
  const stop = new AbortController();
  const { signal } = stop;
  window.addEventListener('online', () => listener('online'), { signal });
  window.addEventListener('offline', () => listener('offline'), { signal });
  window.addEventListener('pagehide', (event) => event.persisted && listener('frozen'), { signal });
  window.addEventListener('pageshow', (event) => event.persisted && listener('resumed'), { signal });
  document.addEventListener('freeze', () => listener('frozen'), { signal });
  document.addEventListener('resume', () => listener('resumed'), { signal });
  document.addEventListener(
    'visibilitychange',
    () => listener(document.visibilityState === 'hidden' ? 'hidden' : 'visible'),
    { signal },
  );
  return () => stop.abort();
}

function isPage(): boolean {
  return typeof window !== 'undefined' && typeof document !== 'undefined';
}
