import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { incidentAddress } from '../../src/transports/incident-address.ts';
import { ServerClock } from '../../src/transports/incident-clock.ts';
import { parseUpdate } from '../../src/transports/incident-events.ts';

describe('incidentAddress', () => {
  for (const given of [
    'https://ops.example.com',
    'https://ops.example.com/',
    ' https://ops.example.com/graphql ',
    'https://ops.example.com/graphql/ws',
    'wss://ops.example.com/graphql/ws/',
    'https://ops.example.com/v1',
  ]) {
    it(`finds everything behind "${given}"`, () => {
      assert.deepEqual(incidentAddress(given), {
        base: 'https://ops.example.com',
        graphql: 'https://ops.example.com/graphql',
        sockets: ['wss://ops.example.com/graphql/ws', 'wss://ops.example.com/graphql'],
        rest: 'https://ops.example.com/v1',
      });
    });
  }

  it('keeps the port and a path, and what only looks like a known end', () => {
    const { sockets, rest } = incidentAddress('http://localhost:8080/ops/graphql');
    assert.deepEqual(
      [sockets[0], rest],
      ['ws://localhost:8080/ops/graphql/ws', 'http://localhost:8080/ops/v1'],
    );
    assert.equal(incidentAddress('https://a.example/mygraphql').base, 'https://a.example/mygraphql');
  });

  it('refuses what is no address, in words about its own option', () => {
    for (const given of [
      undefined,
      5,
      '',
      'ops',
      'ftp://ops',
      'https://ops/?token=1',
      'https://user:pass@ops',
    ]) {
      assert.throws(() => incidentAddress(given), { code: 'input', message: /^incidentsUrl / });
    }
  });
});

describe('ServerClock', () => {
  function clocks() {
    const time = { now: 1_700_000_000_000, monotonic: 5_000 };
    const clock = new ServerClock({ now: () => time.now, monotonicNow: () => time.monotonic });
    const pass = (ms: number) => {
      time.now += ms;
      time.monotonic += ms;
    };
    return { time, clock, pass };
  }

  it('believes the sample that travelled fastest', () => {
    const { time, clock, pass } = clocks();
    assert.equal(clock.aheadMs, 0);
    for (const delayMs of [400, 30, 900]) {
      const sentAt = time.now + 60_000;
      pass(delayMs);
      clock.heard(sentAt);
    }
    assert.equal(clock.aheadMs, 60_000 - 30);
  });

  it('feels at once that this machine was set, and after some samples that the server was', () => {
    const { time, clock, pass } = clocks();
    clock.heard(time.now + 1_000);
    time.now -= 3_600_000;
    assert.equal(clock.aheadMs, 3_601_000);
    for (let count = 0; count < 20; count++) {
      pass(5_000);
      clock.heard(time.now - 2_000);
    }
    assert.equal(clock.aheadMs, -2_000);
  });

  it('ignores what is no time', () => {
    const { clock } = clocks();
    for (const wrong of [undefined, NaN, Infinity, 0, -1e15, 1e15]) clock.heard(wrong);
    assert.equal(clock.aheadMs, 0);
  });
});

describe('parseUpdate', () => {
  it('takes whatever is about no incident for a heartbeat', () => {
    for (const update of [
      { updateType: 'HEARTBEAT', incidentId: 'x' },
      { updateType: 'UPDATED', incidentId: null },
      {},
    ]) {
      assert.deepEqual(parseUpdate({ incidentUpdates: update }), { kind: 'heartbeat', timestamp: undefined });
    }
  });
});
