/**
 * A mark in `localStorage` that an account has messages which wait. A page can look for it without loading the client or
 * opening the database; that way what was written on one page is sent from the next, although nobody opens the chat there.
 */
const PREFIX = 'xians-widgets:waiting:';

/** The part of `Storage` that marks need. */
export type MarkStorage = Pick<Storage, 'length' | 'key' | 'setItem' | 'removeItem'>;

/** `localStorage`; `undefined` where there is none or the visitor blocks it. */
export function pageStorage(): Storage | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

/** Names an account in the database, in locks and in marks: one participant of one tenant on one server. */
export function accountName(serverUrl: string, tenantId: string, participantId: string): string {
  return JSON.stringify([serverUrl, tenantId, participantId]);
}

/** Sets or removes the mark of `account`. Returns `false` where the browser does not let it. */
export function setWaitingMark(storage: MarkStorage, account: string, waits: boolean): boolean {
  try {
    if (waits) storage.setItem(PREFIX + account, '');
    else storage.removeItem(PREFIX + account);
    return true;
  } catch {
    return false; // A full disk: what waits is sent when the chat is opened.
  }
}

/** Whether messages wait for `tenantId`, of any of its participants here or of one. */
export function findWaitingMark(
  storage: MarkStorage,
  serverUrl: string,
  tenantId: string,
  participantId?: string,
): boolean {
  const name = accountName(serverUrl, tenantId, participantId ?? '');
  const start = PREFIX + (participantId === undefined ? name.slice(0, -3) : name);
  for (let i = 0; i < storage.length; i++) if (storage.key(i)?.startsWith(start)) return true;
  return false;
}
