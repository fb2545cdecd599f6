import type { Duplex } from 'node:stream';
import type { Agents } from './agents.ts';
import type { Authenticator } from './auth.ts';
import type { Collected } from './collectors.ts';
import type { Faults } from './faults.ts';
import type { Feed } from './feed.ts';
import type { Hub } from './hub.ts';
import type { IncidentSide } from './incidents/side.ts';
import type { Settings } from './options.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { ReceivedLog } from './received.ts';
import type { SseStreams } from './sse.ts';
import type { Store } from './store.ts';

/** The parts of one server. Each test has its own; nothing is shared between servers. */
export interface ServerContext {
  readonly settings: Settings;
  readonly faults: Faults;
  readonly received: ReceivedLog;
  readonly auth: Authenticator;
  readonly limiter: RateLimiter;
  readonly store: Store;
  readonly feed: Feed;
  readonly agents: Agents;
  readonly hub: Hub;
  readonly sse: SseStreams;
  readonly collected: Collected;
  readonly incidents: IncidentSide;
  /** Connections with a request, stream or hub on them at this moment: what a cut network would break. */
  readonly openSockets: Set<Duplex>;
}
