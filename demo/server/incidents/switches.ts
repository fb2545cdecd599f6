import { codeDialect, type Dialect } from './dialect.ts';

export const MODES = ['full', 'async-graphql', 'as-shipped'] as const;
export type Mode = (typeof MODES)[number];

/** A setting that wears off: `left` occasions, `Infinity` until it is lifted. */
interface Limited {
  left: number;
}

/** Every setting by the name of the fault that sets it, in its resting state. */
function resting() {
  return {
    'incidents-mode': { mode: 'full' as Mode },
    'incidents-dialect': codeDialect,
    'incidents-drop-events': { left: 0 },
    'incidents-duplicate-events': { left: 0, times: 0 } as Limited & { times: number },
    'incidents-reorder-events': { on: false },
    'incidents-heartbeats': { on: true, everyMs: 5_000 },
    /** `http`: what a refused request gets. `expiry`: the close code of a socket whose token expires; 0: it stays. */
    'incidents-auth': { required: false, http: 200 as 200 | 401, expiry: 4_401 },
    'incidents-flap': { on: false, code: 1_001 },
    'incidents-mute': { on: false },
    'incidents-refuse-sockets': { on: false, how: 'refuse' as 'refuse' | 'drop' | 'hang' },
    'incidents-latency': { ms: 0 },
    'incidents-errors': { left: 0, style: 'error', code: '', message: '', what: 'any' } as ForcedError,
    'incidents-fail': { left: 0, status: 500, retryAfter: '', what: 'any' } as ForcedStatus,
    /** `undefined`: as the mode says. */
    'incidents-strict-headers': { on: undefined as boolean | undefined },
    'incidents-cors': { authorization: undefined as boolean | undefined },
    'incidents-clock': { aheadMs: 0 },
  };
}
export type SwitchValues = ReturnType<typeof resting>;

export interface ForcedError extends Limited {
  /** `error`: an `error` message; `next`: a result with `data: null`, then `complete`. HTTP knows only the latter. */
  style: 'error' | 'next';
  /** Empty: none, as async-graphql does it. */
  code: string;
  message: string;
  /** Seconds, told as `extensions.retryAfter`. */
  retryAfter?: number;
  what: 'any' | 'query' | 'mutation' | 'subscription';
}

export interface ForcedStatus extends Limited {
  status: number;
  retryAfter: string;
  what: 'any' | 'graphql' | 'rest';
}

type LimitedName = {
  [Name in keyof SwitchValues]: SwitchValues[Name] extends Limited ? Name : never;
}[keyof SwitchValues];

/** The switches of one server's incident side. Plain data; what they do is decided where they are read. */
export class Switches {
  #values = resting();

  get mode(): Mode {
    return this.#values['incidents-mode'].mode;
  }

  get dialect(): Dialect {
    return this.#values['incidents-dialect'];
  }

  get<Name extends keyof SwitchValues>(name: Name): Readonly<SwitchValues[Name]> {
    return this.#values[name];
  }

  set<Name extends keyof SwitchValues>(name: Name, value: SwitchValues[Name]): void {
    this.#values[name] = value;
  }

  /** Uses up one occasion; `undefined` when there is none left, or when `applies` says no. */
  take<Name extends LimitedName>(
    name: Name,
    applies?: (value: SwitchValues[Name]) => boolean,
  ): SwitchValues[Name] | undefined {
    const value = this.#values[name];
    if (value.left <= 0 || applies?.(value) === false) return undefined;
    value.left -= 1;
    return value;
  }

  reset(): void {
    this.#values = resting();
  }

  /** What differs from the resting state, for the report. */
  active(): Record<string, unknown> {
    const initial: Record<string, unknown> = resting();
    return Object.fromEntries(
      Object.entries(this.#values)
        .filter(([name, value]) =>
          'left' in value ? value.left > 0 : JSON.stringify(value) !== JSON.stringify(initial[name]),
        )
        .map(([name, value]) => [name, { ...value, ...('left' in value && { left: told(value.left) }) }]),
    );
  }
}

/** JSON has no infinity. */
function told(left: number): number | 'until reset' {
  return Number.isFinite(left) ? left : 'until reset';
}
