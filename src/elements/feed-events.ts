import type { Incident } from '../protocol/incident.ts';
import { OUTWARD } from './events.ts';

// Apart from the other events, since they are needed only once a feed is loaded.

/** What the three events about one incident have in common. */
class XiansIncidentEvent extends Event {
  readonly incident: Incident;

  constructor(type: string, incident: Incident) {
    super(type, OUTWARD);
    this.incident = incident;
  }
}

/** An incident that was not known before; not those of the first load. */
export class XiansIncidentReceivedEvent extends XiansIncidentEvent {
  constructor(incident: Incident) {
    super('xians-incident-received', incident);
  }
}

/** A known incident changed, or came into the filter. */
export class XiansIncidentUpdatedEvent extends XiansIncidentEvent {
  constructor(incident: Incident) {
    super('xians-incident-updated', incident);
  }
}

/** The reader opened an incident. */
export class XiansIncidentSelectedEvent extends XiansIncidentEvent {
  constructor(incident: Incident) {
    super('xians-incident-selected', incident);
  }
}

/** Nothing proves any more that what the feed shows is true, or something does again. */
export class XiansFeedStaleEvent extends Event {
  /** Nothing may be taken for current. */
  readonly stale: boolean;
  /** Milliseconds since 1970, by this machine's clock, at which everything shown was last proved; `undefined`: never. */
  readonly asOf: number | undefined;

  constructor(stale: boolean, asOf: number | undefined) {
    super('xians-feed-stale', OUTWARD);
    this.stale = stale;
    this.asOf = asOf;
  }
}

declare global {
  interface HTMLElementEventMap {
    'xians-incident-received': XiansIncidentReceivedEvent;
    'xians-incident-updated': XiansIncidentUpdatedEvent;
    'xians-incident-selected': XiansIncidentSelectedEvent;
    'xians-feed-stale': XiansFeedStaleEvent;
  }
}
