import { pageStorage, type MarkStorage } from './waiting-mark.ts';

/**
 * Small things that the site remembers of a visitor in `localStorage`: whether the window is open, how large it is, what may
 * make a sound. Readable without loading the client or opening the database. Signing out wipes all of them.
 */
const PREFIX = 'xians-widgets:visitor:';

/** What was remembered under `name`; `undefined` also where there is no storage. */
export function recall(name: string): string | undefined {
  return pageStorage()?.getItem(PREFIX + name) ?? undefined;
}

/** Remembers `value` under `name`, or forgets it. Does nothing where the browser does not let it. */
export function remember(name: string, value: string | undefined): void {
  try {
    if (value === undefined) pageStorage()?.removeItem(PREFIX + name);
    else pageStorage()?.setItem(PREFIX + name, value);
  } catch {
    // A full disk: it lasts as long as the page then.
  }
}

/** Forgets everything that was remembered. */
export function forgetVisitor(storage: MarkStorage): void {
  const names = Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? '');
  for (const name of names) if (name.startsWith(PREFIX)) storage.removeItem(name);
}
