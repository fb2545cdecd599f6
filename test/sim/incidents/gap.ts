import type { IncidentFilter } from '../../../src/client.ts';
import { Random } from '../random.ts';

/** How it comes that something is missed. */
export const KINDS = [
  'away',
  'unreachable',
  'cut',
  'muted',
  'no-sockets',
  'flapping',
  'lost-events',
  'kept-quiet',
  'failing',
  'limited',
  'slow',
  'asleep',
  'hidden',
  'frozen',
  'server-clock',
  'several',
] as const;
export type Kind = (typeof KINDS)[number];

/** One gap, and the server that it happens to. Times in milliseconds. */
export interface Gap {
  readonly seed: number;
  readonly kind: Kind;
  /** What the troubles are; one of them for every kind but `several`. */
  readonly troubles: readonly Exclude<Kind, 'several'>[];
  /** `rest`: the server has nothing else. `quiet`: its stream accepts subscriptions, and sends nothing but signs of life. */
  readonly server: 'stream' | 'quiet' | 'rest';
  readonly hasHeartbeats: boolean;
  readonly serverAheadMs: number;
  readonly pageAheadMs: number;
  readonly seeded: number;
  readonly filters: readonly IncidentFilter[];
  /** Whether the stream has been believed before. */
  readonly isProven: boolean;
  readonly ms: number;
  readonly created: number;
  readonly changed: number;
  readonly removed: number;
  /** How probable it is that the server says something of a change. */
  readonly told: number;
  /** Events come late, in another order, and several times. */
  readonly eventDelayMs: number;
  readonly repeats: number;
  /** The machine says that it is offline, or hidden. */
  readonly hints: boolean;
  /** What happens in the open afterwards, and for how long it is watched. */
  readonly after: number;
  readonly watchMs: number;
}

const LONGEST_MS = 150_000;

/** The gap of a seed: the same on every machine. */
export function drawGap(seed: number): Gap {
  const random = new Random(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random.next() * items.length)]!;
  /** Small ones more often. */
  const upTo = (most: number) => Math.floor(most * random.next() ** 3);
  const server = pick(['stream', 'stream', 'stream', 'stream', 'quiet', 'rest'] as const);
  const single = KINDS.filter(
    (kind): kind is Exclude<Kind, 'several'> =>
      kind !== 'several' &&
      (server !== 'rest' ||
        !['cut', 'muted', 'no-sockets', 'flapping', 'lost-events', 'kept-quiet'].includes(kind)),
  );
  const kind = pick([...single, 'several'] as const);
  const troubles =
    kind === 'several' ? Array.from({ length: 2 + upTo(3) }, () => pick(single)) : ([kind] as const);
  const ms = 500 + (LONGEST_MS - 500) * random.next() ** 2;
  const filters: readonly IncidentFilter[] = [
    { limit: 1_000 },
    { limit: 1_000 },
    { limit: 100 },
    { limit: 40 },
    { limit: 1_000, activeOnly: true },
    { limit: 1_000, severities: ['P0', 'P1'] },
    { limit: 1_000, states: ['DETECTED'] },
    { limit: 60, severities: ['P0', 'P1', 'P2'], activeOnly: true },
  ];
  const first = pick(filters);
  return {
    seed,
    kind,
    troubles,
    server,
    hasHeartbeats: random.chance(0.7),
    serverAheadMs: random.chance(0.3) ? Math.round(random.between(-7_200_000, 7_200_000)) : 0,
    pageAheadMs: random.chance(0.2) ? Math.round(random.between(-7_200_000, 7_200_000)) : 0,
    seeded: upTo(350),
    filters: random.chance(0.25) ? [first, pick(filters)] : [first],
    isProven: server === 'stream' && random.chance(0.7),
    ms,
    created: upTo(200),
    changed: 1 + upTo(60),
    removed: upTo(10),
    told: pick([0, 0.5, 1, 1]),
    eventDelayMs: pick([0, 0, 300, 5_000]),
    repeats: pick([0, 0, 0.3]),
    hints: random.chance(0.5),
    after: random.chance(0.25) ? 1 + upTo(20) : 0,
    watchMs: random.chance(0.2) ? 65_000 : 12_000,
  };
}
