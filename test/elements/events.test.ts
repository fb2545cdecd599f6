import { expect } from '@open-wc/testing';
import type { HybridClient, HybridClientEvents } from '../../src/client/types.ts';
import {
  forwardClientEvents,
  type XiansAlertEvent,
  type XiansMetricsEvent,
} from '../../src/elements/events.ts';
import { Emitter } from '../../src/protocol/emitter.ts';

describe('forwardClientEvents', () => {
  it('fires alerts and metrics, through shadow roots, until the undo', () => {
    const events = new Emitter<HybridClientEvents>();
    const client = { on: events.on.bind(events) } as unknown as HybridClient;
    const target = new EventTarget();
    const seen: Event[] = [];
    for (const name of ['xians-alert', 'xians-metrics']) {
      target.addEventListener(name, (event) => seen.push(event));
    }
    const undo = forwardClientEvents(client, target);
    const alert = { id: '1' } as HybridClientEvents['alert'];
    const metrics = { at: 1 } as HybridClientEvents['metrics'];
    events.emit('alert', alert);
    events.emit('metrics', metrics);
    expect(seen.map(({ type, bubbles, composed }) => [type, bubbles, composed])).to.deep.equal([
      ['xians-alert', true, true],
      ['xians-metrics', true, true],
    ]);
    expect((seen[0] as XiansAlertEvent).alert).to.equal(alert);
    expect((seen[1] as XiansMetricsEvent).metrics).to.equal(metrics);
    undo();
    events.emit('alert', alert);
    events.emit('metrics', metrics);
    expect(seen).to.have.length(2);
  });
});
