/** What a `refuse`, `fail` or `hang` fault can hit. `rest` stands for every REST call. */
export const FAULT_TARGETS = [
  'negotiate',
  'upgrade',
  'sse',
  'rest',
  'send',
  'converse',
  'history',
  'delete',
  'hub',
  'token',
  'metrics',
  'errors',
  'incidents',
] as const;
export type FaultTarget = (typeof FAULT_TARGETS)[number];

/** A fault that wears off: `left` uses, `Infinity` until it is reset. */
interface Limited {
  left: number;
}

export interface StatusRule extends Limited {
  fault: 'refuse' | 'fail' | 'hang';
  what: readonly FaultTarget[];
  /** 0 for `hang`, which gives none. */
  status: number;
  /** Value of the answer's `Retry-After`. */
  retryAfter?: RetryAfter;
  /** Only requests of this tenant. */
  tenantId?: string;
}

/** A `Retry-After` as it stands, or seconds from the answer on that are told as a date. */
export interface RetryAfter {
  value: string;
  asDate: boolean;
}

/** What the token endpoint does instead of its work; see `token-faults.ts`. */
export interface TokenFault extends Limited {
  kind: string;
  participantId: string;
  expiresIn: unknown;
  bytes: number;
}

/** Everything that can be set, by the name of its fault, in its resting state. */
function resting(strictSse: boolean, rateLimiter: boolean) {
  return {
    down: false,
    /** A number: until then, in milliseconds since 1970. */
    'suspend-broadcasts': false as boolean | number,
    latency: 0,
    'reply-before-processed': false,
    'delay-processed': 0,
    'stall-sse': false,
    'stall-hub': false,
    'captive-portal': false,
    /** Milliseconds that a live connection opened from now on may last. */
    'short-lives': false as false | number,
    'block-websockets': false as false | 'hang' | 'refuse',
    'strict-sse': strictSse,
    'rate-limiter': rateLimiter,
    agents: true,
    'store-then-500': { left: 0 },
    'store-then-drop': { left: 0 },
    'drop-before-store': { left: 0 },
    'hub-error': { left: 0, message: '' } as Limited & { message: string },
    'rate-limit': { left: 0, retryAfter: { value: '', asDate: false } } as Limited & {
      retryAfter: RetryAfter;
    },
    token: { left: 0, kind: '', participantId: '', expiresIn: 0, bytes: 0 } as TokenFault,
    'repeat-broadcast': { left: 0, times: 0 } as Limited & { times: number },
    'malformed-history': { left: 0, kind: '' } as Limited & { kind: string },
  };
}
export type FaultSettings = ReturnType<typeof resting>;

/** Faults that apply to the next `left` occasions. */
type LimitedName = {
  [Name in keyof FaultSettings]: FaultSettings[Name] extends Limited ? Name : never;
}[keyof FaultSettings];

/** The faults set on one server. Settings are plain data; what they do is decided where they are read. */
export class Faults {
  readonly #initial: () => FaultSettings;
  readonly #listeners = new Set<() => void>();
  #settings: FaultSettings;
  #rules: StatusRule[] = [];

  constructor(initial: { strictSse: boolean; rateLimiter: boolean }) {
    this.#initial = () => resting(initial.strictSse, initial.rateLimiter);
    this.#settings = this.#initial();
  }

  get<Name extends keyof FaultSettings>(name: Name): FaultSettings[Name] {
    return this.#settings[name];
  }

  set<Name extends keyof FaultSettings>(name: Name, value: FaultSettings[Name]): void {
    this.#settings[name] = value;
    this.#changed();
  }

  addRule(rule: StatusRule): void {
    this.#rules.push(rule);
  }

  /** Uses up one occasion of a fault that wears off. `undefined` when it is not set. */
  take<Name extends LimitedName>(name: Name): FaultSettings[Name] | undefined {
    const fault = this.#settings[name];
    if (fault.left <= 0) return undefined;
    fault.left -= 1;
    return fault;
  }

  /** Uses up one occasion of the first rule of this kind that is meant for the next request to any of `targets`. */
  takeRule(
    fault: StatusRule['fault'],
    targets: readonly FaultTarget[],
    tenantId: string | undefined,
  ): StatusRule | undefined {
    const rule = this.#rules.find(
      (candidate) =>
        candidate.fault === fault &&
        candidate.what.some((what) => targets.includes(what)) &&
        (candidate.tenantId === undefined || candidate.tenantId === tenantId),
    );
    if (!rule) return undefined;
    rule.left -= 1;
    if (rule.left <= 0) this.#rules = this.#rules.filter((other) => other !== rule);
    return rule;
  }

  reset(): void {
    this.#settings = this.#initial();
    this.#rules = [];
    this.#changed();
  }

  /** Calls `listener` after each change, until the undo runs. For those who hold something back while a fault lasts. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** What differs from the resting state, for the report. */
  active(): Record<string, unknown> {
    const resting = this.#initial();
    const active: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(this.#settings)) {
      if (typeof value === 'object' ? value.left > 0 : value !== resting[name as keyof FaultSettings]) {
        active[name] = typeof value === 'object' ? { ...value, left: finite(value.left) } : value;
      }
    }
    for (const name of ['refuse', 'fail', 'hang'] as const) {
      const rules = this.#rules.filter((rule) => rule.fault === name);
      if (rules.length > 0)
        active[name] = rules.map(({ fault: _fault, left, ...rule }) => ({ ...rule, left: finite(left) }));
    }
    return active;
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** JSON has no infinity. */
function finite(left: number): number | 'until reset' {
  return Number.isFinite(left) ? left : 'until reset';
}
