import { Emitter, reportUnheard } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { LiveEvents } from './transport.ts';

/** The listeners of a live transport. One that throws is told by the `error` event, or to the page if none listens to it. */
export function liveEvents<Events extends Pick<LiveEvents, 'error'> = LiveEvents>(): Emitter<Events> {
  const events: Emitter<LiveEvents> = new Emitter((cause, event) => {
    // A listener of `error` that throws must not hear of itself.
    if (event === 'error' || events.count('error') === 0) return reportUnheard(cause);
    events.emit('error', new RealtimeError('bug', `A listener of "${event}" threw.`, { cause }));
  });
  return events as unknown as Emitter<Events>;
}
