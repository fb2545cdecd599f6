import { redact } from './redact.ts';

/** Stops what the call that returned it started. Calling it again does nothing. */
export type Undo = () => void;

/**
 * Typed listeners. A listener that throws does not stop the others: its error goes to `onListenerError`, so that it
 * reaches somebody; by default to {@link reportUnheard}.
 *
 * @template Events Event name to the value its listeners get.
 */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(value: never) => void>>();
  readonly #onListenerError: (error: unknown, event: keyof Events) => void;

  constructor(onListenerError: (error: unknown, event: keyof Events) => void = reportUnheard) {
    this.#onListenerError = onListenerError;
  }

  /** Calls `listener` with every `event` from now on, until the returned undo is called. */
  on<Name extends keyof Events>(event: Name, listener: (value: Events[Name]) => void): Undo {
    let listeners = this.#listeners.get(event);
    if (!listeners) this.#listeners.set(event, (listeners = new Set()));
    // A wrapper, so that one function added twice is two registrations with two undos.
    const entry = (value: Events[Name]) => listener(value);
    listeners.add(entry);
    return () => void listeners.delete(entry);
  }

  emit<Name extends keyof Events>(event: Name, value: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        (listener as (value: Events[Name]) => void)(value);
      } catch (error) {
        this.#onListenerError(error, event);
      }
    }
  }

  /** How many listeners `event` has. */
  count(event: keyof Events): number {
    return this.#listeners.get(event)?.size ?? 0;
  }

  clear(): void {
    this.#listeners.clear();
  }
}

/**
 * Tells of a failure that no caller and no listener hears of: to a page's own error reporting, as an uncaught error is.
 * Node has none and would end the process, which one broken listener is no reason for; there it is printed. Both get a
 * copy without its causes and redacted, since what a page has reported to it stands in its console.
 */
export function reportUnheard(reason: unknown): void {
  const error = new Error('Something that is no error was thrown.');
  try {
    const { name, message, stack } = reason instanceof Error ? reason : new Error(reason as string);
    Object.assign(error, { name, message: redact(message), stack: redact(stack ?? message) });
  } catch {
    // It cannot be read: a getter of it throws, or it does not turn into text.
  }
  if (typeof reportError === 'function') return reportError(error);
  console.error(error.stack);
}
