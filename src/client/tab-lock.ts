import type { Undo } from '../protocol/emitter.ts';

export interface TabLockPorts {
  readonly locks: LockManager;
  readonly name: string;
  /** The lock is ours from this moment on. */
  onHeld(): void;
  /** Another tab took it by force. */
  onLost(): void;
  /** The browser refuses locks here. */
  onFailed(reason: unknown): void;
}

type How = 'if-free' | 'wait' | 'steal';

/** The lock that one tab of an account holds. At most one request is under way: a new one takes the place of the last. */
export class TabLock {
  readonly #ports: TabLockPorts;
  /** Ends the present request, whether it waits or holds. */
  #end: Undo = () => {};
  #request: object | undefined;

  constructor(ports: TabLockPorts) {
    this.#ports = ports;
  }

  /** Takes the lock if it is free. Resolves with whether it was. */
  tryNow(): Promise<boolean> {
    return new Promise((resolve) => this.#ask('if-free', resolve));
  }

  /** Waits in line for the lock, for as long as it takes. */
  wait(): void {
    this.#ask('wait');
  }

  /** Takes the lock from whoever holds it. */
  steal(): void {
    this.#ask('steal');
  }

  /** Lets go of the lock and of any place in the line, at once. */
  release(): void {
    this.#request = undefined;
    this.#end();
    this.#end = () => {};
  }

  #ask(how: How, onAnswer: (held: boolean) => void = () => {}): void {
    this.release();
    const request = (this.#request = {});
    const isCurrent = () => this.#request === request;
    const waiting = new AbortController();
    this.#end = () => waiting.abort();
    let isHeld = false;

    const hold = (lock: Lock | null) => {
      if (!lock || !isCurrent()) return onAnswer(false);
      isHeld = true;
      const held = new Promise<void>((resolve) => (this.#end = resolve));
      this.#ports.onHeld();
      onAnswer(true);
      return held;
    };
    const options: Record<How, LockOptions> = {
      'if-free': { ifAvailable: true },
      wait: { signal: waiting.signal },
      steal: { steal: true },
    };
    const ask = async () => this.#ports.locks.request(this.#ports.name, options[how], hold);
    ask().catch((reason: unknown) => {
      // A request that was given up fails by its own signal: that is no news.
      if (isCurrent()) {
        this.release();
        if (isHeld) this.#ports.onLost();
        else this.#ports.onFailed(reason);
      }
      onAnswer(false);
    });
  }
}
