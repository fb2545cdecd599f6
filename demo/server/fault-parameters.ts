import { isRecord } from './values.ts';

/** A `/__control` request that cannot be carried out; its message says what is wrong with it. */
export class ControlError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ControlError';
  }
}

/** Reads the parameters of a fault, each under a check. {@link done} refuses those that nobody has read. */
export class FaultParameters {
  readonly #values: Map<string, unknown>;

  constructor(body: Record<string, unknown>) {
    this.#values = new Map(Object.entries(body).filter(([name]) => name !== 'fault'));
  }

  flag(name: string, fallback?: boolean): boolean {
    return this.#read(name, fallback, 'true or false', (value) => typeof value === 'boolean');
  }

  text(name: string, fallback?: string): string {
    return this.#read(name, fallback, 'a text', (value) => typeof value === 'string');
  }

  optionalText(name: string): string | undefined {
    return this.#values.has(name) ? this.text(name) : undefined;
  }

  /** A finite number that is not negative. */
  number(name: string, fallback?: number): number {
    return this.#read(
      name,
      fallback,
      'a number of at least 0',
      (value) => typeof value === 'number' && value >= 0 && Number.isFinite(value),
    );
  }

  /** How many occasions a fault lasts. */
  count(fallback: number): number {
    return this.#read(
      'count',
      fallback,
      'a whole number of at least 1',
      // Without a count a fault may last until it is lifted: `fallback` may be Infinity.
      (value) => value === fallback || (Number.isInteger(value) && (value as number) >= 1),
    );
  }

  oneOf<const Choice extends string>(name: string, choices: readonly Choice[], fallback?: Choice): Choice {
    return this.#read(name, fallback, `one of ${choices.join(', ')}`, (value) =>
      (choices as readonly unknown[]).includes(value),
    );
  }

  /** One of the choices, or a list of them. */
  someOf<const Choice extends string>(name: string, choices: readonly Choice[]): readonly Choice[] {
    const isChoice = (value: unknown) => (choices as readonly unknown[]).includes(value);
    const given = this.#read<Choice | readonly Choice[]>(
      name,
      undefined,
      `one or more of ${choices.join(', ')}`,
      (value) => isChoice(value) || (Array.isArray(value) && value.length > 0 && value.every(isChoice)),
    );
    return typeof given === 'string' ? [given] : given;
  }

  /** A flag, or for how many milliseconds. */
  flagOrMs(name: string): boolean | number {
    return this.#read<boolean | number>(
      name,
      undefined,
      'true, false or milliseconds',
      (value) => typeof value === 'boolean' || (typeof value === 'number' && value > 0),
    );
  }

  /** A text or a number, as text. */
  textOrNumber(name: string, fallback: string): string {
    const value = this.#read<string | number>(
      name,
      fallback,
      'a text or a number',
      (given) => typeof given === 'string' || typeof given === 'number',
    );
    return String(value);
  }

  /** A time as ISO 8601 or milliseconds since 1970. */
  optionalTime(name: string): number | undefined {
    if (!this.#values.has(name)) return undefined;
    const value = this.#read<string | number>(
      name,
      undefined,
      'a time, as ISO 8601 or milliseconds since 1970',
      (given) => Number.isFinite(new Date(given as string | number).getTime()),
    );
    return new Date(value).getTime();
  }

  any(name: string): unknown {
    const value = this.#values.get(name);
    this.#values.delete(name);
    return value;
  }

  records(name: string): readonly Record<string, unknown>[] {
    return this.#read<readonly Record<string, unknown>[]>(
      name,
      undefined,
      'a list of objects',
      (value) => Array.isArray(value) && value.every(isRecord),
    );
  }

  /** All that nobody has read yet, for a fault whose parameters are a thing's own. */
  rest(): Record<string, unknown> {
    const rest = Object.fromEntries(this.#values);
    this.#values.clear();
    return rest;
  }

  /** Throws for parameters that the fault does not have. */
  done(): void {
    const [unknown] = this.#values.keys();
    if (unknown !== undefined) throw new ControlError(`This fault has no parameter "${unknown}".`);
  }

  #read<Value>(
    name: string,
    fallback: Value | undefined,
    expected: string,
    accepts: (value: unknown) => boolean,
  ): Value {
    const value = this.any(name) ?? fallback;
    if (value === undefined || !accepts(value)) throw new ControlError(`"${name}" must be ${expected}.`);
    return value as Value;
  }
}
