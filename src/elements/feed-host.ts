import type { LitElement } from 'lit';
import type { IncidentFeed, IncidentFilter } from '../client/incident-types.ts';
import type { RealtimeError } from '../protocol/errors.ts';
import type { Language } from './language.ts';

/**
 * What the view of a feed may ask of the element that loaded it. The element keeps what must work before the view is there:
 * attributes and the client. Every property is reactive on the host: a change renders the host, and with it the view. What a
 * feed tells by events, the view follows itself.
 */
export interface FeedHost extends LitElement {
  /** As {@link IncidentFilter}. Empty: all. */
  readonly severities: readonly string[];
  readonly states: readonly string[];
  /** Most rows held. */
  readonly limit: number;
  readonly activeOnly: boolean;
  /** `severity`, `state` or `source`; anything else: not grouped. Until the reader chooses another grouping. */
  readonly groupBy: string;
  /** The view stands still, and counts what arrives. The view sets it when the reader pauses. */
  paused: boolean;
  /** Names of what may be offered. `undefined`: all that the server can. */
  readonly actions: readonly string[] | undefined;
  /** What the reader may switch on: `sound`, `title`, `desktop`. Empty: nothing. */
  readonly notify: readonly string[];
  /** Address of an incident's own page, with `{id}` where its id goes. */
  readonly link: string | undefined;
  /** What the view speaks. Another one is another object. */
  language: Language;
  /** Default: `Incidents`. */
  readonly heading: string | undefined;
  /**
   * Makes the feed of a filter; `undefined` while nothing says where the incidents are. The same function for as long as
   * that is the same place: another one makes the view begin anew.
   */
  readonly openFeed: ((filter: IncidentFilter) => Promise<IncidentFeed>) | undefined;
  /** Why there is no feed. `consent`: the page has not been allowed to connect yet. */
  readonly problem: RealtimeError | 'consent' | undefined;
}
