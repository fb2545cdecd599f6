import type { Environment, LifecycleEvent } from '../../src/client/environment.ts';
import { defaultEnvironment } from '../../src/client/environment.ts';
import {
  type LeaderInfo,
  TabCoordinator,
  type TabPorts,
  type TabRole,
} from '../../src/client/tab-coordinator.ts';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import type { Tab } from '../support/tabs.ts';
import { ManualTime } from '../transports/manual-time.ts';

export const ACCOUNT = '["https://xians.example","acme","jane"]';
export const LOCK = `xians-widgets:${ACCOUNT}`;

/** Time of a whole test, and what each tab of it sees of the page it is in. */
export class PageTime extends ManualTime {
  /** Pages made so far. */
  pages = 0;

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    // A macrotask comes after all microtasks, and several of them after those that they caused.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Goes on by `ms`, in small steps, so that the tabs answer each other on the way. */
  async pass(ms: number): Promise<void> {
    const stepMs = 100;
    for (let left = ms; left > 0; left -= stepMs) {
      this.advance(Math.min(stepMs, left));
      await this.settle();
    }
  }
}

/** A page in `tab` with a coordinator, and everything that was told to it. */
export class TabPage {
  readonly tab: Tab;
  readonly environment: Environment;
  readonly tabs: TabCoordinator;
  readonly roles: TabRole[] = [];
  readonly leaders: (LeaderInfo | undefined)[] = [];
  readonly notes: unknown[] = [];
  readonly errors: RealtimeError[] = [];
  handOvers = 0;
  state: unknown = 'calm';
  #isVisible = true;
  readonly #time: PageTime;
  #timers = 0;
  #draws: number;
  readonly #lifecycle = new Set<(event: LifecycleEvent) => void>();

  constructor(tab: Tab, time: PageTime, overrides: Partial<TabPorts> = {}) {
    this.tab = tab;
    this.#time = time;
    this.#draws = ++time.pages * 0.377; // other numbers in every tab, the same ones in every run
    const setTimer = tab.timers(time.setTimer);
    this.environment = defaultEnvironment({
      locks: tab.locks,
      BroadcastChannel: tab.BroadcastChannel,
      now: () => 1e12 + time.now,
      monotonicNow: time.monotonicNow,
      random: () => (this.#draws += 0.618) % 1,
      isVisible: () => this.#isVisible,
      setTimer: (callback, delayMs) => {
        this.#timers++;
        let isDone = false;
        const done = () => {
          if (!isDone) this.#timers--;
          isDone = true;
        };
        const undo = setTimer(() => {
          done();
          callback();
        }, delayMs);
        return () => {
          done();
          undo();
        };
      },
      onLifecycle: (listener) => {
        this.#lifecycle.add(listener);
        return () => this.#lifecycle.delete(listener);
      },
    });
    this.tabs = new TabCoordinator({
      account: ACCOUNT,
      environment: this.environment,
      onRole: (role) => this.roles.push(role),
      onLeader: (leader) => this.leaders.push(leader),
      onNote: (note) => this.notes.push(note),
      onCall: (method, args) => Promise.resolve([method, args]),
      describe: () => this.state,
      onHandOver: () => {
        this.handOvers++;
        return Promise.resolve();
      },
      onError: (error) => this.errors.push(error),
      ...overrides,
    });
  }

  get role(): TabRole {
    return this.tabs.role;
  }

  /** Timers, listeners, locks and channels that are left. */
  get leftovers(): number {
    return this.#timers + this.#lifecycle.size + this.tab.uses;
  }

  get time(): PageTime {
    return this.#time;
  }

  show(): void {
    this.#isVisible = true;
    this.play('visible');
  }

  hide(): void {
    this.#isVisible = false;
    this.play('hidden');
  }

  play(event: LifecycleEvent): void {
    for (const listener of [...this.#lifecycle]) this.tab.run(() => listener(event));
  }
}
