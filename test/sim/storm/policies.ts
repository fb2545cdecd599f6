import { backoff } from '../../../src/protocol/backoff.ts';

/** A client that has just lost its connection, or failed to get it back. One object serves all clients in turn. */
export interface Lost {
  /** Failed attempts since the loss. */
  attempt: number;
  /** The page is in a background tab. */
  hidden: boolean;
  /** Milliseconds since the loss. */
  sinceMs: number;
  /** What it waited last, in milliseconds; 0 at first. */
  previousMs: number;
  /** What the server asked to wait, in milliseconds, where it answered at all. */
  retryAfterMs: number | undefined;
}

/** When a client tries again. */
export interface Policy {
  readonly name: string;
  /** Where the rule is written. */
  readonly source: string;
  /** Milliseconds until the next attempt, or `Infinity`: it gives up. */
  wait(lost: Lost, random: () => number): number;
}

/** Our own: the very function that the clients call. */
export const OURS: Policy = {
  name: 'xians-widgets',
  source: 'src/protocol/backoff.ts',
  wait: ({ attempt, hidden, retryAfterMs }, random) => backoff(attempt, { random, hidden, retryAfterMs }),
};

/** Steps of a list, then its last one for ever, or no more. */
function steps(delaysMs: readonly number[], last: 'forever' | 'give up') {
  const end = last === 'forever' ? (delaysMs.at(-1) ?? Infinity) : Infinity;
  return ({ attempt }: Lost) => delaysMs[attempt] ?? end;
}

/** The defaults of others, written anew from their sources. A browser's socket hears no Retry-After, so none of them looks. */
export const PEERS: readonly Policy[] = [
  {
    name: 'Incident client guide, stream client',
    source: 'sample of the LLM Incident Manager client guide: 1, 2, 4, 8, 16 s, then stops',
    wait: steps([1_000, 2_000, 4_000, 8_000, 16_000], 'give up'),
  },
  {
    name: 'Incident client guide, ReconnectionManager',
    source: 'sample of the same guide: at once, then 2ⁿ s up to 30 s ± 12.5 %, ten attempts',
    wait: ({ attempt }, random) => {
      if (attempt === 0) return 0;
      return attempt >= 10
        ? Infinity
        : Math.min(30_000, 1_000 * 2 ** attempt) * (1 + 0.25 * (random() - 0.5));
    },
  },
  {
    name: 'Xians SDK, socket',
    source: '@99xio/xians-sdk-typescript 1.2, reconnectDelay: 5 s for ever',
    wait: () => 5_000,
  },
  {
    name: 'SignalR',
    source: '@microsoft/signalr 10, DefaultReconnectPolicy.ts: 0, 2, 10, 30 s, then stops',
    wait: steps([0, 2_000, 10_000, 30_000], 'give up'),
  },
  {
    name: 'graphql-ws',
    source: 'graphql-ws 6, client.ts, retryWait and retryAttempts: 2ⁿ + U(0.3, 3) s, five attempts',
    wait: ({ attempt }, random) => (attempt >= 5 ? Infinity : 1_000 * 2 ** attempt + 300 + 2_700 * random()),
  },
  {
    name: 'Phoenix',
    source: 'phoenix 1.8, socket.js, reconnectAfterMs: 10 ms to 2 s in nine steps, then 5 s for ever',
    wait: steps([10, 50, 100, 150, 200, 250, 500, 1_000, 2_000, 5_000], 'forever'),
  },
  {
    name: 'Supabase Realtime',
    source: 'realtime-js 2, RealtimeClient.ts, RECONNECT_INTERVALS: 1, 2, 5 s, then 10 s for ever',
    wait: steps([1_000, 2_000, 5_000, 10_000], 'forever'),
  },
  {
    name: 'partysocket',
    source: 'partysocket 1.3, ws.ts: 3 s · 1.3ⁿ up to 10 s for ever',
    wait: ({ attempt }) => Math.min(10_000, 3_000 * 1.3 ** attempt),
  },
  {
    name: 'Socket.IO',
    source: 'socket.io-client 4.8, contrib/backo2.ts: 2ⁿ s ± 50 %, then cut to 5 s',
    wait: ({ attempt }, random) => Math.min(5_000, 1_000 * 2 ** Math.min(attempt, 20) * (0.5 + random())),
  },
  {
    name: 'Ably',
    source:
      'ably-js 2, utils.ts, getRetryTime: at once, 15 to 30 s less up to 20 % for 2 min, then 30 s for ever',
    wait: ({ attempt, sinceMs }, random) => {
      if (attempt === 0) return 0;
      if (sinceMs >= 120_000) return 30_000;
      return 15_000 * Math.min((attempt + 2) / 3, 2) * (1 - 0.2 * random());
    },
  },
  {
    name: 'centrifuge',
    source: 'centrifuge-js 5.8, utils.ts, backoff: 0.5 s + U(0, 0.5 s · 2ⁿ), up to 20 s',
    wait: ({ attempt }, random) => {
      return Math.min(20_000, 500 + random() * Math.min(20_000, 500 * 2 ** Math.min(attempt, 31)));
    },
  },
  {
    name: 'AWS full jitter',
    source: 'AWS Architecture Blog, Exponential Backoff and Jitter: U(0, 2ⁿ s), up to 30 s',
    wait: ({ attempt }, random) => random() * Math.min(30_000, 1_000 * 2 ** Math.min(attempt, 31)),
  },
  {
    name: 'AWS decorrelated jitter',
    source: 'the same: U(1 s, three times the last wait), up to 30 s',
    wait: ({ previousMs }, random) => {
      return Math.min(30_000, 1_000 + random() * (3 * Math.max(1_000, previousMs) - 1_000));
    },
  },
];

/** For servers that say how long to wait: what is easily written. */
export const OBEDIENT: readonly Policy[] = [
  {
    name: 'exactly as long as asked',
    source: 'the usual reading of Retry-After',
    wait: (lost, random) => lost.retryAfterMs ?? OURS.wait(lost, random),
  },
  {
    name: 'up to 20 % longer than asked',
    source: 'the usual jitter',
    wait: (lost, random) => {
      return lost.retryAfterMs === undefined
        ? OURS.wait(lost, random)
        : lost.retryAfterMs * (1 + 0.2 * random());
    },
  },
];
