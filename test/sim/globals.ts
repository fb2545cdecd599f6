import type { Cancel, VirtualTime } from './virtual-time.ts';

/** What the simulation stands in for: libraries reach for these by themselves, whatever the client is given. */
export interface GlobalClocks {
  readonly time: VirtualTime;
  /** Milliseconds since 1970 on this machine's clock, which may be wrong and may jump. */
  wallNow(): number;
  random(): number;
  /** Milliseconds that a task of the database takes. */
  taskMs(): number;
}

class Handle {
  readonly cancel: Cancel;

  constructor(cancel: Cancel) {
    this.cancel = cancel;
  }

  unref(): this {
    return this;
  }

  ref(): this {
    return this;
  }
}

/**
 * Puts virtual time in the place of the timers, clocks and dice of the process until the undo runs. A timer belongs to
 * whoever's code set it.
 */
export function takeOverGlobals({ time, wallNow, random, taskMs }: GlobalClocks): () => void {
  const clear = (handle: unknown) => {
    if (handle instanceof Handle) handle.cancel();
  };
  class SimulatedDate extends Date {
    constructor(...parts: unknown[]) {
      super(...((parts.length === 0 ? [wallNow()] : parts) as [number]));
    }

    static override now(): number {
      return wallNow();
    }
  }
  const repeat = (run: () => void, everyMs: number): Handle => {
    let cancel: Cancel;
    const next = () => {
      cancel = time.schedule(
        () => {
          next();
          run();
        },
        everyMs,
        time.current,
        time.current,
        true,
      );
    };
    next();
    return new Handle(() => cancel());
  };
  return replace(globalThis, {
    setTimeout: (run: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]) =>
      new Handle(time.schedule(() => run(...args), delayMs, time.current, time.current, true)),
    clearTimeout: clear,
    setInterval: repeat,
    clearInterval: clear,
    setImmediate: (run: (...args: unknown[]) => void, ...args: unknown[]) =>
      new Handle(time.immediate(() => run(...args), taskMs())),
    clearImmediate: clear,
    Date: SimulatedDate,
    performance: { now: () => time.now },
    Math: replaced(Math, { random }),
  });
}

/** A copy of `object` with some members replaced. */
function replaced<Type extends object>(object: Type, members: Partial<Type>): Type {
  return Object.create(object, Object.getOwnPropertyDescriptors(members)) as Type;
}

function replace(target: object, members: Readonly<Record<string, unknown>>): () => void {
  const before = Object.keys(members).map(
    (name) => [name, Object.getOwnPropertyDescriptor(target, name)] as const,
  );
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(target, name, descriptor);
    }
  };
}
