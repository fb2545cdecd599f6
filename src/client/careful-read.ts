/** `value[name]`; `undefined` where there is none or reading it throws, as a getter, a proxy and a revoked proxy may. */
export function read(value: unknown, name: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  } catch {
    return undefined; // What cannot be read is not there.
  }
}

/** {@link read} where only text will do. */
export function readText(value: unknown, name: string): string | undefined {
  const text = read(value, name);
  return typeof text === 'string' ? text : undefined;
}

/** {@link read} where only a finite number will do. */
export function readNumber(value: unknown, name: string): number | undefined {
  const number = read(value, name);
  return Number.isFinite(number) ? (number as number) : undefined;
}

/** `instanceof` for classes that this platform may lack and values that may be revoked proxies. */
export function isA(value: unknown, type: (abstract new (...args: never[]) => unknown) | undefined): boolean {
  try {
    return type !== undefined && value instanceof type;
  } catch {
    return false; // A proxy that refuses to tell its prototype.
  }
}

/** The first `limit` elements of a list; `[]` for anything else. */
export function readList(value: unknown, limit: number): unknown[] {
  try {
    return Array.isArray(value)
      ? Array.from({ length: Math.min(value.length, limit) }, (_, i) => read(value, String(i)))
      : [];
  } catch {
    return []; // Array.isArray() throws for a revoked proxy.
  }
}
