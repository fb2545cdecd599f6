/**
 * Tabs of one site, without a browser: the locks and channels they share, in memory, and ways to freeze a tab or take it
 * away at any moment. Nothing here has a clock; what crosses from one tab to another goes through `schedule`.
 */

/** Runs `task` soon. Tasks must run in the order in which they were given. */
export type Schedule = (task: () => void) => void;

interface LockRequest {
  readonly tab: Tab;
  readonly callback: (lock: Lock | null) => unknown;
  readonly settle: { resolve(value: unknown): void; reject(reason: unknown): void };
}

/** One origin: every tab of it sees the same locks and channels. */
export class TabWorld {
  readonly #schedule: Schedule;
  readonly #holders = new Map<string, LockRequest>();
  readonly #queues = new Map<string, LockRequest[]>();
  readonly #channels = new Set<TestBroadcastChannel>();
  #count = 0;

  /** `schedule`: default a microtask. A simulation passes its own, with delays. */
  constructor(schedule: Schedule = queueMicrotask) {
    this.#schedule = schedule;
  }

  /** A new tab, running. */
  open(name = `tab-${++this.#count}`): Tab {
    return new Tab(this, name);
  }

  /** The tab that holds the lock `name`, frozen or not. */
  holder(name: string): Tab | undefined {
    return this.#holders.get(name)?.tab;
  }

  /** Tabs that wait for the lock `name`, next first. */
  waiting(name: string): Tab[] {
    return (this.#queues.get(name) ?? []).map(({ tab }) => tab);
  }

  /** Locks that `tab` holds or waits for, and channels that it has open: nothing, once it has let go of everything. */
  uses(tab: Tab): number {
    const requests = [...this.#holders.values(), ...[...this.#queues.values()].flat()];
    const channels = [...this.#channels].filter((channel) => channel.tab === tab);
    return requests.filter((request) => request.tab === tab).length + channels.length;
  }

  /** @internal A task of `tab`: later, and only once it is not frozen. */
  post(tab: Tab, task: () => void): void {
    this.#schedule(() => tab.run(task));
  }

  /** @internal */
  request(
    tab: Tab,
    name: string,
    options: LockOptions,
    callback: (lock: Lock | null) => unknown,
  ): Promise<unknown> {
    const { ifAvailable = false, mode = 'exclusive', steal = false, signal } = options;
    return new Promise((resolve, reject) => {
      const refuse = (kind: string) => reject(new DOMException('The lock request was refused.', kind));
      if (tab.lockFailure) return reject(tab.lockFailure);
      if (name.startsWith('-') || mode !== 'exclusive') return refuse('NotSupportedError');
      if (steal && ifAvailable) return refuse('NotSupportedError');
      if (signal && (steal || ifAvailable)) return refuse('NotSupportedError');
      if (signal?.aborted) return reject(signal.reason);

      const request: LockRequest = { tab, callback, settle: { resolve, reject } };
      const queue = this.#queue(name);
      if (steal) {
        this.#takeFromHolder(name);
        queue.unshift(request);
      } else if (ifAvailable && (this.#holders.has(name) || queue.length > 0)) {
        this.post(tab, () => void Promise.resolve(callback(null)).then(resolve, reject));
        return;
      } else {
        queue.push(request);
        signal?.addEventListener('abort', () => {
          const at = queue.indexOf(request);
          if (at < 0) return; // granted: the signal has no say any more
          queue.splice(at, 1);
          reject(signal.reason);
          this.#grant(name);
        });
      }
      this.#grant(name);
    });
  }

  /** @internal The channels that hear what `sender` posts. */
  hearers(sender: TestBroadcastChannel): TestBroadcastChannel[] {
    return [...this.#channels].filter((channel) => channel !== sender && channel.name === sender.name);
  }

  /** @internal */
  attach(channel: TestBroadcastChannel): void {
    this.#channels.add(channel);
  }

  /** @internal */
  detach(channel: TestBroadcastChannel): void {
    this.#channels.delete(channel);
  }

  /** @internal The tab is gone: its locks are free and its channels closed. */
  remove(tab: Tab): void {
    for (const channel of [...this.#channels]) if (channel.tab === tab) this.#channels.delete(channel);
    for (const [name, queue] of this.#queues) {
      this.#queues.set(
        name,
        queue.filter((request) => request.tab !== tab),
      );
    }
    for (const [name, holder] of [...this.#holders]) {
      if (holder.tab === tab) this.#holders.delete(name);
    }
    for (const name of this.#queues.keys()) this.#grant(name);
  }

  #queue(name: string): LockRequest[] {
    let queue = this.#queues.get(name);
    if (!queue) this.#queues.set(name, (queue = []));
    return queue;
  }

  #takeFromHolder(name: string): void {
    const holder = this.#holders.get(name);
    this.#holders.delete(name);
    if (!holder) return;
    const stolen = new DOMException(
      'The lock was broken by another request with the steal option.',
      'AbortError',
    );
    this.post(holder.tab, () => holder.settle.reject(stolen));
  }

  #grant(name: string): void {
    if (this.#holders.has(name)) return;
    const request = this.#queue(name).shift();
    if (!request) return;
    this.#holders.set(name, request);
    // A frozen tab holds the lock from now on, and learns of it when it wakes.
    this.post(request.tab, () => void this.#hold(name, request));
  }

  async #hold(name: string, request: LockRequest): Promise<void> {
    const { tab, callback, settle } = request;
    let finish: () => void;
    try {
      const value = await callback({ name, mode: 'exclusive' });
      finish = () => settle.resolve(value);
    } catch (reason) {
      finish = () => settle.reject(reason);
    }
    this.#schedule(() => {
      if (this.#holders.get(name) !== request) return; // stolen, or the tab is gone
      this.#holders.delete(name);
      tab.run(finish);
      this.#grant(name);
    });
  }
}

/** One tab. Pass its parts to a client as `Environment`. */
export class Tab {
  readonly name: string;
  readonly locks: LockManager;
  readonly BroadcastChannel: typeof globalThis.BroadcastChannel;
  /** While set, every lock request is rejected with it, as in a sandboxed frame. */
  lockFailure: Error | undefined;
  /** While set, no channel can be made. */
  channelFailure: Error | undefined;
  readonly #world: TabWorld;
  #state: 'running' | 'frozen' | 'killed' = 'running';
  #held: (() => void)[] = [];

  constructor(world: TabWorld, name: string) {
    this.#world = world;
    this.name = name;
    this.locks = {
      request: (lock: string, ...rest: unknown[]) => {
        const callback = rest.at(-1) as (lock: Lock | null) => unknown;
        return world.request(this, lock, rest.length > 1 ? (rest[0] as LockOptions) : {}, callback);
      },
    } as LockManager;
    this.BroadcastChannel = channelClass(world, this);
  }

  get state(): 'running' | 'frozen' | 'killed' {
    return this.#state;
  }

  /** Locks held or waited for, and open channels. */
  get uses(): number {
    return this.#world.uses(this);
  }

  /** Stops the tab where it stands: it keeps its locks, and hears nothing until {@link thaw}. */
  freeze(): void {
    if (this.#state === 'running') this.#state = 'frozen';
  }

  /** Goes on, with everything that came in the meantime, in order. */
  thaw(): void {
    if (this.#state !== 'frozen') return;
    this.#state = 'running';
    for (const task of this.#held.splice(0)) this.run(task);
  }

  /** Ends the tab without a word to itself: its locks are free, and nothing of it runs or is heard again. */
  kill(): void {
    this.#state = 'killed';
    this.#held = [];
    this.#world.remove(this);
  }

  /** Runs `task` if the tab runs, when it thaws if it is frozen, never if it is gone. */
  run(task: () => void): void {
    if (this.#state === 'running') task();
    else if (this.#state === 'frozen') this.#held.push(task);
  }

  /** `setTimer` for this tab: what is due while it is frozen comes when it thaws. */
  timers<SetTimer extends (callback: () => void, delayMs: number) => () => void>(
    setTimer: SetTimer,
  ): SetTimer {
    return ((callback, delayMs) => {
      let isCancelled = false;
      const undo = setTimer(() => this.run(() => isCancelled || callback()), delayMs);
      return () => {
        isCancelled = true;
        undo();
      };
    }) as SetTimer;
  }
}

function channelClass(world: TabWorld, tab: Tab): typeof globalThis.BroadcastChannel {
  const Class = class extends TestBroadcastChannel {
    constructor(name: string) {
      super(world, tab, name);
    }
  };
  return Class as unknown as typeof globalThis.BroadcastChannel;
}

class TestBroadcastChannel extends EventTarget {
  readonly name: string;
  readonly tab: Tab;
  readonly #world: TabWorld;
  #isOpen = true;

  constructor(world: TabWorld, tab: Tab, name: string) {
    super();
    if (tab.channelFailure) throw tab.channelFailure;
    this.#world = world;
    this.tab = tab;
    this.name = name;
    if (tab.state !== 'killed') world.attach(this);
  }

  postMessage(data: unknown): void {
    if (!this.#isOpen) throw new DOMException('The channel is closed.', 'InvalidStateError');
    const copy: unknown = structuredClone(data); // throws DataCloneError, as a browser does
    if (this.tab.state === 'killed') return;
    for (const channel of this.#world.hearers(this)) {
      this.#world.post(channel.tab, () => channel.#receive(structuredClone(copy)));
    }
  }

  close(): void {
    this.#isOpen = false;
    this.#world.detach(this);
  }

  #receive(data: unknown): void {
    if (this.#isOpen) this.dispatchEvent(new MessageEvent('message', { data }));
  }
}
