import { setTimeout as pause } from 'node:timers/promises';
import type { Guest, Stage } from './stage.ts';

/** A way in which the world can fail, and how it ends. */
export interface Scene {
  readonly name: string;
  /** Before the page opens. */
  prepare?(stage: Stage): Promise<unknown>;
  /** The state in which the page is well; default `live`. */
  readonly wellState?: 'live' | 'degraded';
  strike(guest: Guest): Promise<unknown>;
  /** How long it stays so before {@link lift}; default: no time at all, what was struck is open to new attempts at once. */
  readonly lastsMs?: number;
  /** Resolves at the moment from which everything could work again. */
  lift?(guest: Guest): Promise<unknown>;
  /** The visitor cannot write meanwhile: the page sleeps, is frozen or is not shown. */
  readonly isAway?: boolean;
  /** Agents cannot speak meanwhile: there is no server. */
  readonly isServerGone?: boolean;
}

const HALF_HOUR_MS = 1_800_000;

/** The device has no network: its browser knows, connections die without a word, and nothing new gets through. */
async function goOffline({ page, stage }: Guest): Promise<void> {
  await page.setOfflineMode(true);
  stage.proxy.refuse();
  stage.proxy.halfOpen();
}

async function comeOnline({ page, stage }: Guest): Promise<void> {
  await stage.proxy.accept();
  await page.setOfflineMode(false);
}

/**
 * Stops the processes of the page in the middle of whatever they do, as sleep does: no event says so, before or after. The
 * clocks then say that it was half an hour: always the wall clock, the monotonic one too where `movesMonotonic` (systems
 * differ). The network forgot the live connection meanwhile, and the server ended the token. Idle connections are closed, as
 * Chromium does when the machine goes to sleep.
 */
function sleep(name: string, movesMonotonic: boolean): Scene {
  let stopped: readonly number[] = [];
  return {
    name,
    isAway: true,
    lastsMs: 3_000,
    async strike({ page, stage }) {
      await page.evaluate(
        `Object.assign(window.faultWatch, { sleepMs: ${HALF_HOUR_MS}, movesMonotonic: ${movesMonotonic} })`,
      );
      stopped = await stage.renderers();
      for (const pid of stopped) process.kill(pid, 'SIGSTOP');
      stage.proxy.halfOpen('client', 'web-sockets');
      stage.proxy.reset('others');
      await stage.server.control({ fault: 'expire-tokens' });
    },
    async lift() {
      for (const pid of stopped) process.kill(pid, 'SIGCONT');
    },
  };
}

function blockedWebSocket(how: 'refuse' | 'hang'): Scene {
  return {
    name: `WebSocket blocked (${how === 'refuse' ? 'refused' : 'hangs'})`,
    lastsMs: 15_000,
    async strike({ stage }) {
      await stage.server.control({ fault: 'block-websockets', on: true, how });
      await stage.server.control({ fault: 'drop-sockets' });
    },
    lift: ({ stage }) => stage.server.control({ fault: 'block-websockets', on: false }),
  };
}

function restart(name: string, lastsMs: number): Scene {
  return {
    name,
    lastsMs,
    isServerGone: true,
    strike: ({ stage }) => stage.server.kill(),
    lift: ({ stage }) => stage.server.start(),
  };
}

export const scenes: readonly Scene[] = [
  {
    name: 'connections cut',
    strike: async ({ stage }) => stage.proxy.reset(),
  },
  {
    name: 'half-open connections',
    strike: async ({ stage }) => stage.proxy.halfOpen(),
  },
  {
    name: 'token ended, hub cut',
    async strike({ stage }) {
      await stage.server.control({ fault: 'expire-tokens' });
      await stage.server.control({ fault: 'drop-sockets' });
    },
  },
  {
    name: '401 mid-stream (SSE and REST)',
    wellState: 'degraded',
    prepare: ({ server }) => server.control({ fault: 'block-websockets', on: true }),
    async strike({ stage }) {
      await stage.server.control({ fault: 'expire-tokens' });
      await stage.server.control({ fault: 'drop-sockets' });
    },
  },
  sleep('30 min of sleep, wall clock', false),
  sleep('30 min of sleep, both clocks', true),
  {
    name: 'tab frozen, connections cut',
    isAway: true,
    lastsMs: 3_000,
    async strike(guest) {
      await (await guest.cdp()).send('Page.setWebLifecycleState', { state: 'frozen' });
      guest.stage.proxy.reset();
    },
    lift: async (guest) => (await guest.cdp()).send('Page.setWebLifecycleState', { state: 'active' }),
  },
  blockedWebSocket('refuse'),
  blockedWebSocket('hang'),
  restart('server killed, back after 3 s', 3_000),
  restart('server killed, back after 30 s', 30_000),
  {
    name: 'captive portal',
    lastsMs: 5_000,
    async strike({ stage }) {
      await stage.server.control({ fault: 'captive-portal', on: true });
      await stage.server.control({ fault: 'drop-sockets' });
    },
    lift: ({ stage }) => stage.server.control({ fault: 'captive-portal', on: false }),
  },
  { name: 'offline, then online', lastsMs: 5_000, strike: goOffline, lift: comeOnline },
  {
    name: 'away and back (bfcache)',
    isAway: true,
    lastsMs: 1_000,
    strike: ({ page, stage }) => page.goto(`${stage.site.url}/other`),
    lift: ({ page }) => page.goBack(),
  },
];

/** Waits until the scene's fault has lasted. */
export function lasting({ lastsMs = 0 }: Scene): Promise<void> {
  return pause(lastsMs);
}
