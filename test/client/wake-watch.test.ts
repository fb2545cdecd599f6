import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Environment } from '../../src/client/environment.ts';
import { watchWake } from '../../src/client/wake-watch.ts';
import { HandClock } from './hand-clock.ts';

const HOUR_MS = 3_600_000;

function watched() {
  const clock = new HandClock();
  const page = { visible: true, wakes: 0 };
  const environment: Partial<Environment> = {
    ...clock.environment,
    isVisible: () => page.visible,
  };
  const undo = watchWake(environment as Environment, () => page.wakes++);
  return { clock, page, undo };
}

describe('watchWake', () => {
  const clocks = {
    'both clocks go on': {},
    'only the wall clock goes on': { monotonic: false },
    'only the monotonic clock goes on': { wall: false },
  };
  for (const [name, moves] of Object.entries(clocks)) {
    it(`tells of a sleep once, within 2.5 s of waking, where ${name} meanwhile`, async () => {
      const { clock, page } = watched();
      await clock.pass(10_000);
      clock.stall(HOUR_MS / 2, moves);
      assert.equal(page.wakes, 0);
      await clock.pass(1_500);
      assert.equal(page.wakes, 1);
      await clock.pass(HOUR_MS);
      assert.equal(page.wakes, 1);
      clock.stall(HOUR_MS, moves);
      await clock.pass(1_500);
      assert.equal(page.wakes, 2, 'the next sleep too');
    });
  }

  it('takes no page for asleep that was only busy', async () => {
    const { clock, page } = watched();
    for (let round = 0; round < 20; round++) {
      clock.stall(4_000);
      await clock.pass(100 * round);
    }
    assert.equal(page.wakes, 0);
    const other = watched();
    other.clock.stall(5_500); // four seconds late
    await other.clock.pass(0);
    assert.equal(other.page.wakes, 0);
    other.clock.stall(5_501);
    await other.clock.pass(0);
    assert.equal(other.page.wakes, 1, 'this is no way to be busy');
  });

  it('leaves hidden pages alone, whose timers the browser delays anyway', async () => {
    const { clock, page } = watched();
    page.visible = false;
    for (let minute = 0; minute < 30; minute++) {
      clock.stall(60_000);
      await clock.pass(0);
    }
    assert.equal(page.wakes, 0);
    page.visible = true;
    await clock.pass(60_000);
    assert.equal(page.wakes, 0);
  });

  it('does not mind a clock that is set back, and sees a sleep all the same', async () => {
    const { clock, page } = watched();
    clock.setWall(-HOUR_MS);
    await clock.pass(10_000);
    assert.equal(page.wakes, 0);
    clock.setWall(-HOUR_MS);
    clock.stall(HOUR_MS / 2);
    await clock.pass(1_500);
    assert.equal(page.wakes, 1);
  });

  it('leaves no timer once it is undone, also from within the call', async () => {
    const { clock, undo } = watched();
    assert.equal(clock.pending.length, 1);
    await clock.pass(60_000);
    assert.equal(clock.pending.length, 1);
    undo();
    assert.deepEqual(clock.pending, []);

    const other = new HandClock();
    const environment: Partial<Environment> = { ...other.environment, isVisible: () => true };
    const stop = watchWake(environment as Environment, () => stop());
    other.stall(HOUR_MS);
    await other.pass(0);
    assert.deepEqual(other.pending, []);
  });
});
