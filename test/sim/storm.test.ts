import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SEED } from '../support/seed.ts';
import { drawStorm } from './storm/chart.ts';
import { OBEDIENT, OURS, PEERS, type Policy } from './storm/policies.ts';
import { missed, simulate, type Aftermath } from './storm/storm.ts';

const CLIENTS = 20_000;
/** Peaks of a few thousand attempts are known to within some percent. */
const SLACK = 1.1;

function afterStorm(policy: Policy, outageMs: number, retryAfterMs?: number): Aftermath {
  return simulate(policy, { clients: CLIENTS, capacity: CLIENTS / 100, outageMs, seed: SEED, retryAfterMs });
}

function peer(name: string): Policy {
  const found = PEERS.find((policy) => policy.name === name);
  assert.ok(found, name);
  return found;
}

describe(`${CLIENTS} clients that lose their server at once (seed ${SEED})`, () => {
  for (const outageMs of [3_000, 30_000, 300_000]) {
    it(`come back gently, and all of them, after ${outageMs / 1_000} s`, () => {
      const after = afterStorm(OURS, outageMs);
      assert.deepEqual(missed(after, outageMs, SLACK), []);
      assert.ok((after.t50Ms ?? Infinity) < 60_000, `half were back after ${after.t50Ms} ms`);
      assert.ok((after.t99Ms ?? Infinity) < 150_000, `99 % were back after ${after.t99Ms} ms`);
    });
  }

  for (const retryAfterMs of [5_000, 30_000]) {
    it(`do not come back together when all were told ${retryAfterMs / 1_000} s`, () => {
      assert.deepEqual(missed(afterStorm(OURS, 30_000, retryAfterMs), 30_000, SLACK), []);
      const [exactly] = OBEDIENT;
      assert.ok(exactly && missed(afterStorm(exactly, 30_000, retryAfterMs), 30_000, SLACK).length > 0);
    });
  }

  it('meets goals that no other policy meets', () => {
    for (const policy of PEERS) {
      assert.notDeepEqual(missed(afterStorm(policy, 30_000), 30_000, SLACK), [], policy.name);
    }
  });

  it('sees what can be worked out by hand: who gives up, and how high the first wave is', () => {
    const signalR = afterStorm(peer('SignalR'), 30_000);
    assert.equal(signalR.attemptsPerClient.toFixed(2), '4.00');
    assert.ok(signalR.stranded > 0.95 && signalR.t50Ms === undefined);
    assert.equal(Math.round(signalR.peakAtDrop), 100);
    // 2.7 s of jitter for everybody: 100 / 2.7 of the capacity in a second.
    assert.ok(Math.abs(afterStorm(peer('graphql-ws'), 300_000).peakAtDrop - 37) < 2);
    const atOnce = { name: 'one try', source: '', wait: () => 0 };
    assert.equal(afterStorm(atOnce, 0).peakAfterReturn > 100, true);
  });

  it('are drawn in both colour schemes, with words for those who cannot see it', () => {
    const svg = drawStorm([{ name: OURS.name, ...afterStorm(OURS, 30_000) }], CLIENTS, 30_000);
    assert.match(svg, /prefers-color-scheme: dark/);
    assert.match(svg, /<desc id="desc">xians-widgets: peak 1\d×, \d\.\d attempts each, 99 % back/);
    assert.doesNotMatch(svg, /NaN|undefined|Infinity|https?:(?!\/\/www\.w3\.org\/2000\/svg)/);
  });
});
