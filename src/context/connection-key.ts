import type { HybridClientOptions } from '../client/types.ts';
import { EXTRA_NAMES } from './connection-options.ts';

const functionIds = new WeakMap<object, number>();
const secretIds = new Map<string, number>();
let lastId = 0;

/**
 * A text that is equal for connections that may share a client, and different for all others: server, tenant,
 * participant, credential, and what is measured and told of it. A list, not joined text, so that `a-b` with `c` never equals `a` with `b-c`. Functions are
 * told apart by identity; a key is replaced by a number, so that the text may be shown.
 */
export function connectionKey(options: HybridClientOptions): string {
  const { serverUrl, tenantId, participantId, tokenUrl, apiKey, getToken } = options;
  return JSON.stringify([
    serverUrl.replace(/\/+$/, ''),
    tenantId,
    participantId?.trim().toLowerCase(),
    tokenUrl,
    getToken && idOf(getToken),
    apiKey && numberOf(secretIds, apiKey),
    ...EXTRA_NAMES.map((name) => options[name]),
  ]);
}

/** A number that stands for a function, the same for the same one. */
export function idOf(value: object): number {
  return numberOf(functionIds, value);
}

function numberOf<Key>(
  ids: { get(key: Key): number | undefined; set(key: Key, id: number): unknown },
  key: Key,
) {
  let id = ids.get(key);
  if (id === undefined) ids.set(key, (id = ++lastId));
  return id;
}
