import type { StreamEvent } from './events.ts';

/** What a subscription is about: which events it lets through, and as what. */
export class Topic implements AsyncIterable<never> {
  readonly field: string;
  /** The value of the field for `event`; `undefined`: not for this subscription. */
  readonly pick: (event: StreamEvent) => object | undefined;
  /** What proves that the subscription lives; `undefined` where nothing does. */
  readonly heartbeat: ((now: number) => object) | undefined;

  constructor(
    field: string,
    pick: (event: StreamEvent) => object | undefined,
    heartbeat?: (now: number) => object,
  ) {
    this.field = field;
    this.pick = pick;
    this.heartbeat = heartbeat;
  }

  /** graphql takes a source of events only if it can be iterated; ours are delivered by `LiveOperations` instead. */
  [Symbol.asyncIterator](): AsyncIterator<never> {
    return { next: () => new Promise(() => undefined) };
  }
}
