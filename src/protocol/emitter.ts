/** Stops what the call that returned it started. Calling it again does nothing. */
export type Undo = () => void;

/**
 * Typed listeners. A listener that throws does not stop the others: its error goes to `onListenerError`, so that it
 * reaches somebody.
 *
 * @template Events Event name to the value its listeners get.
 */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(value: never) => void>>();
  readonly #onListenerError: (error: unknown) => void;

  constructor(onListenerError: (error: unknown) => void = reportLater) {
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
        this.#onListenerError(error);
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

/** Throws outside the current call, so that the page's own error reporting sees a broken listener. */
function reportLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
