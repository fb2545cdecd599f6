import { expect, fixture, html } from '@open-wc/testing';
import { render } from 'lit';
import { renderLatency } from '../../src/elements/latency-chart.ts';
import { Language } from '../../src/elements/language.ts';
import { waitFor } from '../support/wait.ts';
import { channel, type StatusHost } from './shown-client.ts';

const NOW = 1_000_000_000;
const trip = (secondsAgo: number, ms: number) => ({ at: NOW - secondsAgo * 1_000, ms });

/** The chart of these round trips. */
function chart(...of: [samples: ReturnType<typeof trip>[], gaps?: number[], isMeasured?: boolean]) {
  const box = document.createElement('div');
  const [samples, gaps = [], isMeasured] = of;
  render(renderLatency(samples, gaps, new Language('en'), NOW, isMeasured), box);
  const svg = box.querySelector('svg');
  return {
    box,
    value: box.querySelector('strong')?.textContent,
    words: svg?.getAttribute('aria-label'),
    lines: [...box.querySelectorAll('.trip')].map((line) => line.getAttribute('d') ?? ''),
    gaps: box.querySelectorAll('.gap').length,
    axis: [...box.querySelectorAll('.axis span')].map(({ textContent }) => textContent),
  };
}

/** The points of a line. */
const points = (line: string) =>
  line
    .slice(1)
    .split('L')
    .map((point) => point.split(' ').map(Number) as [x: number, y: number]);

describe('the chart of round trips', () => {
  it('says in words what it draws', () => {
    const { words, value, axis } = chart([trip(300, 38), trip(150, 120), trip(0, 42)]);
    expect(words).to.equal('Round trip: 42 ms now. 38 ms to 120 ms in the last 5 minutes.');
    expect(value).to.equal('42 ms');
    expect(axis).to.deep.equal(['120 ms', '38 ms']);
  });

  it('draws time from left to right and more time higher up, within its box', () => {
    const [line = ''] = chart([trip(60, 40), trip(40, 80), trip(20, 60), trip(0, 40)]).lines;
    const drawn = points(line);
    expect(drawn.map(([x]) => x)).to.deep.equal([0, 100, 200, 300]);
    const [first, high, middle, last] = drawn.map(([, y]) => y) as [number, number, number, number];
    expect(high).to.be.below(middle);
    expect(middle).to.be.below(last);
    expect(first).to.equal(last);
    for (const [, y] of drawn) expect(y).to.be.within(0, 60);
  });

  it('leaves open what nobody measured or answered', () => {
    expect(chart([trip(50, 40), trip(40, 40), trip(30, 40)]).lines).to.have.length(1);
    expect(chart([trip(200, 40), trip(100, 40)]).lines, 'nobody asked').to.have.length(2);
    const lost = chart([trip(50, 40), trip(30, 40)], [NOW - 40_000]);
    expect(lost.lines, 'nobody answered').to.have.length(2);
    expect(lost.gaps).to.equal(1);
    expect(lost.words).to.contain('Once no answer came.');
  });

  it('does not call an old round trip that of now', () => {
    const lost = chart([trip(50, 40)], [NOW - 10_000, NOW]);
    expect(lost.value).to.equal('No answer');
    expect(lost.words).to.equal(
      'Round trip: no answer now. 40 ms to 40 ms in the last minute. 2 times no answer came.',
    );
    expect(chart([trip(50, 40)], [], false).value).to.equal('–');
    const silent = chart([], [NOW]);
    expect(silent.words).to.contain('None in the last minute');
    expect(silent.axis).to.deep.equal([]);
  });

  it('draws trembling as calm, one round trip as a dot, and nothing as nothing', () => {
    const [line = ''] = chart([trip(20, 100), trip(10, 104), trip(0, 98)]).lines;
    const heights = points(line).map(([, y]) => y);
    expect(Math.max(...heights) - Math.min(...heights)).to.be.below(20);
    expect(chart([trip(0, 100)]).box.querySelector('.dot')).to.exist;
    expect(chart([]).box.querySelector('figure')).to.equal(null);
    expect(chart([trip(0, 2_400)]).value).to.equal('2.4 sec');
  });
});

describe('connection-status with display="details", of round trips', () => {
  let host: StatusHost;
  const probes = () => host.shown.calls.filter((call) => call === 'probe').length;
  const value = () => host.renderRoot.querySelector('figure strong')?.textContent;
  const mount = async (display = 'details') => {
    host = await fixture<StatusHost>(html`<test-status-host display=${display}></test-status-host>`);
  };

  it('measures while it is seen, and shows that also where the client keeps nothing', async () => {
    await mount();
    await waitFor(() => value() === '42 ms', 'a round trip');
    expect(probes()).to.equal(1);
    await expect(host).to.be.accessible();
  });

  it('prefers what the client knows of the channel in use', async () => {
    await mount();
    const at = Date.now();
    const rest = channel('rest', { latencies: [{ at, ms: 77 }] });
    const hub = channel('hub', { latencies: [{ at, ms: 55 }] });
    host.shown.facts = { ...host.shown.facts, channels: [hub, rest] };
    await waitFor(() => value() === '55 ms', 'the fast one');
    await host.set({ state: 'degraded', channel: 'sse' });
    await waitFor(() => value() === '77 ms', 'the slower one');
  });

  it('takes a failure for a gap', async () => {
    await mount();
    host.shown.probing = () => Promise.reject(new Error('Nobody there.'));
    await waitFor(() => value() === 'No answer', 'it says so');
    expect(host.renderRoot.querySelectorAll('.gap')).to.have.length(1);
  });

  it('asks nothing while it does not show its details, is out of sight, or is not connected', async () => {
    const witness = async () => {
      const seen = await fixture<StatusHost>(html`<test-status-host display="details"></test-status-host>`);
      await waitFor(() => seen.shown.calls.length > 0, 'another one that is seen has asked');
    };
    await mount('compact');
    await witness();
    expect(probes(), 'compact').to.equal(0);

    const far = await fixture<HTMLElement>(html`<div></div>`);
    far.setAttribute('hidden', '');
    host = document.createElement('test-status-host') as StatusHost;
    host.display = 'details';
    far.append(host);
    await witness();
    expect(probes(), 'hidden').to.equal(0);

    host = document.createElement('test-status-host') as StatusHost;
    host.display = 'details';
    host.shown.status = { ...host.shown.status, state: 'waiting' };
    far.removeAttribute('hidden');
    far.replaceChildren(host);
    await witness();
    expect(probes(), 'not connected').to.equal(0);
    await host.set({ state: 'live' });
    await waitFor(() => probes() === 1, 'now it asks');
  });

  it('asks again after 10 s, and no more once it is removed', async () => {
    const clock = new Clock();
    try {
      await mount();
      await waitFor(() => probes() === 1, 'the first');
      await waitFor(() => value() === '42 ms', 'its answer');
      expect(clock.delays.at(-1)).to.be.within(9_000, 10_000);
      clock.run();
      await waitFor(() => probes() === 2, 'the next');
      await waitFor(() => clock.waiting === 1, 'and the one after that is planned');
      host.remove();
      expect(clock.waiting).to.equal(0);
    } finally {
      clock.restore();
    }
  });
});

/** Holds back what is planned for in some seconds. */
class Clock {
  readonly #setTimeout = window.setTimeout;
  readonly #clearTimeout = window.clearTimeout;
  readonly #held = new Map<number, () => void>();
  readonly delays: number[] = [];

  constructor() {
    window.setTimeout = ((run: () => void, delayMs = 0) => {
      if (delayMs < 8_000 || delayMs > 10_000) return this.#setTimeout.call(window, run, delayMs);
      const id = -this.delays.push(delayMs);
      this.#held.set(id, run);
      return id;
    }) as typeof window.setTimeout;
    window.clearTimeout = (id) => {
      if (!this.#held.delete(Number(id ?? 0))) this.#clearTimeout.call(window, id);
    };
  }

  get waiting(): number {
    return this.#held.size;
  }

  run(): void {
    for (const [id, run] of [...this.#held]) {
      this.#held.delete(id);
      run();
    }
  }

  restore(): void {
    window.setTimeout = this.#setTimeout;
    window.clearTimeout = this.#clearTimeout;
  }
}
