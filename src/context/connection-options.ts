import type { HybridClientOptions } from '../client/types.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { isLocalHost } from '../protocol/local-host.ts';
import { kebab } from './kebab.ts';

/** What a chat works without, and which values it can have; `undefined`: an address. */
const EXTRAS = {
  incidentsUrl: undefined,
  metricsUrl: undefined,
  metricsFormat: /^(json|otlp)$/,
  errorsUrl: undefined,
  alertsWorkflow: /:/,
  alertsTopic: /./,
  tracing: /^(never|same-origin|always)$/,
};
export const EXTRA_NAMES = Object.keys(EXTRAS) as readonly (keyof typeof EXTRAS)[];

/** What an element was told about the connection, as its attributes came; empty text counts as absent. */
export interface ConnectionAttributes extends Partial<Record<keyof typeof EXTRAS, string | null>> {
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
 * `input`, in words for the author of the page, for what is missing or cannot work. What a chat works without is left out
 * then instead, and `onProblem` told: nobody loses a conversation for want of its metrics.
 */
export function connectionOptions(
  attributes: ConnectionAttributes,
  place: Place = location,
  onProblem: (problem: RealtimeError) => void = () => {},
): HybridClientOptions {
  const { participantId, apiKey, getToken } = attributes;
  const serverUrl = readAddress('serverUrl', attributes.serverUrl, place);
  const tenantId = attributes.tenantId?.trim();
  if (!tenantId) throw input('The attribute tenant-id is missing.');

  const credentials = [attributes.tokenUrl, apiKey, getToken].filter(Boolean).length;
  if (credentials === 0) {
    throw input('A credential is missing: token-url, the property getToken or, for development, api-key.');
  }
  if (credentials > 1) throw input('Give one credential only: token-url, getToken or api-key.');
  if (apiKey && !participantId?.trim()) throw input('With api-key, the attribute participant-id is needed.');

  const extras: Partial<Record<keyof typeof EXTRAS, string>> = {};
  for (const name of EXTRA_NAMES) {
    const value = attributes[name]?.trim();
    if (!value) continue;
    try {
      extras[name] = EXTRAS[name]
        ? known(name, value, EXTRAS[name])
        : resolveAddress(name, value, place).href;
    } catch (problem) {
      onProblem(problem as RealtimeError);
    }
  }

  return {
    ...(extras as Partial<HybridClientOptions>),
    serverUrl,
    tenantId,
    ...(participantId?.trim() && { participantId: participantId.trim() }),
    ...(attributes.tokenUrl && { tokenUrl: resolveAddress('tokenUrl', attributes.tokenUrl, place).href }),
    ...(apiKey && { apiKey }),
    ...(getToken && { getToken }),
  };
}

/**
 * What `value` means on this page.
 *
 * @throws {RealtimeError} `input` for what is no web address.
 */
export function resolveAddress(name: string, value: string, place: Place = location): URL {
  const url = URL.canParse(value, place.href) ? new URL(value, place.href) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw input(`The attribute ${kebab(name)} is not a web address.`);
  }
  return url;
}

/**
 * The whole address that `value` means on this page, without a slash at its end.
 *
 * @throws {RealtimeError} `input` for what is none, or what a page served over https may not ask.
 */
export function readAddress(name: string, value: string | null | undefined, place: Place = location): string {
  if (!value?.trim()) throw input(`The attribute ${kebab(name)} is missing.`);
  const url = resolveAddress(name, value.trim(), place);
  if (place.protocol === 'https:' && url.protocol === 'http:' && !isLocalHost(url.hostname)) {
    throw input(`On a page served over https, ${kebab(name)} must begin with https: too.`);
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

function known(name: string, value: string, values: RegExp): string {
  if (!values.test(value)) throw input(`The attribute ${kebab(name)} cannot have this value.`);
  return value;
}

function input(message: string): RealtimeError {
  return new RealtimeError('input', message);
}
