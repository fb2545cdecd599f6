import { RealtimeError } from '../protocol/errors.ts';
import { REQUEST_LINE_BYTES, REST_BODY_BYTES, utf8Length } from '../protocol/limits.ts';
import { resolveOutgoing, type Outgoing } from './outgoing.ts';
import { checkServerUrl } from './settings.ts';
import { REST_TYPES, type SendRequest } from './transport.ts';

/** Where REST calls go: the same fields as in the transport's options. */
export interface RestPlace {
  readonly serverUrl: string;
  readonly tenantId: string;
  readonly participantId?: string;
}

/** A message as the REST calls take it. */
export interface RestMessage {
  readonly url: URL;
  readonly body: string | undefined;
  readonly outgoing: Outgoing;
}

/** `/api/user/rest/<call>` with `parameters`; those that are `undefined` are left out. */
export function restUrl(
  serverUrl: string,
  call: string,
  parameters: Readonly<Record<string, string | number | undefined>>,
): URL {
  const url = new URL(`${serverUrl}/api/user/rest/${call}`);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

/** Bytes of the HTTP request line for `url`: method, path, query, version and line end. */
export function requestLineBytes(method: string, url: URL): number {
  return utf8Length(`${method} ${url.pathname}${url.search} HTTP/1.1\r\n`);
}

/**
 * Builds the URL and body of `send` and `converse`. Throws `unsupported` for what REST would silently drop or refuse,
 * `too-large` for what its URL or body cannot hold, `input` for what no transport takes.
 *
 * @param extra More query parameters.
 */
export function restMessage(
  place: RestPlace,
  call: 'send' | 'converse',
  request: SendRequest,
  uuid: () => string,
  extra: Readonly<Record<string, string | number>> = {},
): RestMessage {
  const outgoing = resolveOutgoing(place, request, uuid);
  refuseWhatRestLoses(request, outgoing);
  const url = restUrl(place.serverUrl, call, {
    workflow: outgoing.workflow,
    type: outgoing.type,
    participantId: outgoing.participantId,
    tenantId: place.tenantId,
    requestId: outgoing.requestId,
    text: outgoing.text,
    ...extra,
  });
  if (requestLineBytes('POST', url) > REQUEST_LINE_BYTES) {
    throw new RealtimeError(
      'too-large',
      'The text is too long for a plain request: it travels in the address.',
    );
  }
  const body = outgoing.dataJson;
  if (body !== undefined && utf8Length(body) > REST_BODY_BYTES) {
    throw new RealtimeError('too-large', 'The data is larger than the server accepts.');
  }
  return { url, body, outgoing };
}

/**
 * Whether REST can carry `request` unchanged: no topic, hint, task, metadata or authorization, a type it knows, and a
 * request line and body within the server's limits. Pure; the dispatcher asks it before it falls back from the hub.
 */
export function restCanCarry(place: RestPlace, request: SendRequest): boolean {
  try {
    // A fixed id of the usual length: the answer must not depend on chance.
    const sampleId = () => '00000000-0000-4000-8000-000000000000';
    restMessage({ ...place, serverUrl: checkServerUrl(place.serverUrl) }, 'send', request, sampleId);
    return true;
  } catch (error) {
    if (error instanceof RealtimeError) return false;
    throw error;
  }
}

function refuseWhatRestLoses(request: SendRequest, { type }: Outgoing): void {
  const fields = ['topic', 'hint', 'taskId', 'metadata', 'authorization'] as const;
  const lost = fields.find((field) => request[field] !== undefined && request[field] !== '');
  if (lost) {
    throw new RealtimeError('unsupported', `REST cannot carry "${lost}"; send this message over the hub.`);
  }
  if (!REST_TYPES.has(type)) {
    throw new RealtimeError('unsupported', 'REST cannot carry messages of this type; use the hub.');
  }
}
