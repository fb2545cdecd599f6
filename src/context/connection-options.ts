import type { HybridClientOptions } from '../client/types.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { isLocalHost } from '../protocol/local-host.ts';

/** What an element was told about the connection, as its attributes came; empty text counts as absent. */
export interface ConnectionAttributes {
  serverUrl?: string | null;
  tenantId?: string | null;
  participantId?: string | null;
  tokenUrl?: string | null;
  apiKey?: string | null;
  getToken?: (() => string | Promise<string>) | null;
}

/** The part of `location` that decides; a parameter for tests. */
export interface Place {
  readonly href: string;
  readonly protocol: string;
  readonly hostname: string;
}

/** Whether any attribute says where to connect, so that the element does not look for a provider. */
export function hasConnection(attributes: ConnectionAttributes): boolean {
  const { serverUrl, tenantId, tokenUrl, apiKey, getToken } = attributes;
  return Boolean(serverUrl || tenantId || tokenUrl || apiKey || getToken);
}

/**
 * Options for the client out of an element's attributes. Relative addresses are resolved against the page. Throws
 * `input`, in words for the author of the page, for what is missing or cannot work.
 */
export function connectionOptions(
  attributes: ConnectionAttributes,
  place: Place = location,
): HybridClientOptions {
  const { participantId, apiKey, getToken } = attributes;
  const serverUrl = readServerUrl(attributes.serverUrl, place);
  const tenantId = attributes.tenantId?.trim();
  if (!tenantId) throw input('The attribute tenant-id is missing.');

  const credentials = [attributes.tokenUrl, apiKey, getToken].filter(Boolean).length;
  if (credentials === 0) {
    throw input('A credential is missing: token-url, the property getToken or, for development, api-key.');
  }
  if (credentials > 1) throw input('Give one credential only: token-url, getToken or api-key.');
  if (apiKey && !participantId?.trim()) throw input('With api-key, the attribute participant-id is needed.');

  return {
    serverUrl,
    tenantId,
    ...(participantId?.trim() && { participantId: participantId.trim() }),
    ...(attributes.tokenUrl && { tokenUrl: resolve('token-url', attributes.tokenUrl, place).href }),
    ...(apiKey && { apiKey }),
    ...(getToken && { getToken }),
  };
}

function readServerUrl(value: string | null | undefined, place: Place): string {
  if (!value?.trim()) throw input('The attribute server-url is missing.');
  const url = resolve('server-url', value.trim(), place);
  if (place.protocol === 'https:' && url.protocol === 'http:' && !isLocalHost(url.hostname)) {
    throw input('On a page served over https, server-url must begin with https: too.');
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

function resolve(name: string, value: string, place: Place): URL {
  const url = URL.canParse(value, place.href) ? new URL(value, place.href) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw input(`The attribute ${name} is not a web address.`);
  }
  return url;
}

function input(message: string): RealtimeError {
  return new RealtimeError('input', message);
}
