import { RealtimeError } from '../protocol/errors.ts';
import type { Undo } from '../protocol/emitter.ts';

/**
 * Milliseconds between the last user's leave and the end, so that an element moved within the page, or made anew by a
 * framework in the next frame, finds its connection as it was.
 */
const RELEASE_DELAY_MS = 100;

const registry = new Map<string, SharedResource<Disposable>>();

interface Disposable {
  dispose(): Promise<void>;
}

/** Something that several elements use, and that is neither downloaded nor made before one of them needs it. */
export class SharedResource<Resource extends Disposable> {
  /** Equal for what may be shared. Carries no credential. */
  readonly key: string;
  readonly blocked = undefined;
  readonly #make: () => Promise<() => Resource>;
  readonly #listeners = new Set<() => void>();
  #resource: Resource | undefined;
  #loading: Promise<Resource> | undefined;
  #users = 0;

  /** Use {@link acquire}. */
  constructor(key: string, make: () => Promise<() => Resource>) {
    this.key = key;
    this.#make = make;
    this.#endWhenUnused();
  }

  get client(): Resource | undefined {
    return this.#resource;
  }

  /** See `SharedClient.load()`. */
  load(): Promise<Resource> {
    return (this.#loading ??= this.#create());
  }

  onClient(listener: () => void): Undo {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Keeps it until the undo runs. */
  retain(): Undo {
    this.#users++;
    let retained = true;
    return () => {
      if (!retained) return;
      retained = false;
      this.#users--;
      this.#endWhenUnused();
    };
  }

  async #create(): Promise<Resource> {
    try {
      const make = await this.#make();
      if (registry.get(this.key) !== this) {
        throw new RealtimeError('closed', 'The element was removed before its code was loaded.');
      }
      const resource = (this.#resource = make());
      for (const listener of [...this.#listeners]) listener();
      return resource;
    } catch (error) {
      this.#loading = undefined;
      throw RealtimeError.from(error, 'network', 'Part of the code could not be loaded.');
    }
  }

  #endWhenUnused(): void {
    if (this.#users > 0) return;
    setTimeout(() => {
      if (this.#users > 0 || registry.get(this.key) !== this) return;
      registry.delete(this.key);
      void this.#resource?.dispose(); // never rejects
    }, RELEASE_DELAY_MS);
  }
}

/**
 * What is shared under `key`: the same object for the same key. Retain it in the same task.
 *
 * @param make Downloads the code, and resolves with what makes the resource.
 * @param onNew Called with an object that nobody had before.
 */
export function acquire<Resource extends Disposable>(
  key: string,
  make: () => Promise<() => Resource>,
  onNew: (shared: SharedResource<Resource>) => void = () => {},
): SharedResource<Resource> {
  const known = registry.get(key) as SharedResource<Resource> | undefined;
  if (known) return known;
  const shared = new SharedResource(key, make);
  registry.set(key, shared);
  onNew(shared);
  return shared;
}
