import { RealtimeError } from '../protocol/errors.ts';
import { redact } from '../protocol/redact.ts';
import { normaliseParticipant, workflowId } from '../protocol/workflow.ts';
import { Credentials } from './credentials.ts';
import {
  browserTransportEnvironment,
  type Credential,
  type Logger,
  type TransportEnvironment,
  type TransportOptions,
} from './transport.ts';

/** Where a workflow's messages of one participant are found. */
export interface Address {
  /** Full id. */
  readonly workflow: string;
  /** Lower case. */
  readonly participantId: string;
}

/** What completes an address that a caller gave in part. */
export interface AddressDefaults {
  readonly tenantId: string;
  readonly participantId?: string | undefined;
}

/** Options that every transport takes, checked once. */
export interface Settings {
  /** No trailing slash. */
  readonly serverUrl: string;
  readonly tenantId: string;
  readonly participantId: string | undefined;
  readonly credentials: Credentials;
  readonly environment: TransportEnvironment;
  /** See {@link TransportOptions.traceparent}. */
  readonly traceparent: TransportOptions['traceparent'];
  /** Redacts whatever it is given. */
  readonly log: Logger;
}

/** Throws `input` for options that cannot work. */
export function resolveSettings(options: TransportOptions): Settings {
  const { logger, environment = browserTransportEnvironment, participantId, traceparent } = options;
  return {
    ...checkServer(options),
    participantId: participantId ? normaliseParticipant(participantId) : undefined,
    credentials: new Credentials(options),
    environment,
    traceparent,
    log: (level, message) => logger?.(level, redact(message)),
  };
}

/** Headers of a plain request to `url` that expects an answer of type `accept`. */
export function requestHeaders(
  { traceparent }: Settings,
  { value }: Credential,
  url: URL,
  accept: string,
): Record<string, string> {
  const trace = traceparent?.(url);
  return { Authorization: `Bearer ${value}`, Accept: accept, ...(trace && { traceparent: trace }) };
}

/** The server and tenant of `options`, the address without its trailing slash. Throws `input` for ones that cannot work. */
export function checkServer({ serverUrl, tenantId }: Pick<TransportOptions, 'serverUrl' | 'tenantId'>): {
  serverUrl: string;
  tenantId: string;
} {
  if (typeof tenantId !== 'string' || tenantId.trim() === '' || tenantId.includes(':')) {
    throw new RealtimeError('input', 'tenantId is missing or is not the name of a tenant.');
  }
  return { serverUrl: checkServerUrl(serverUrl), tenantId };
}

/** `url` without its trailing slash, which would make a doubled one and a 404. Throws `input`. */
export function checkServerUrl(url: unknown): string {
  const parsed = typeof url === 'string' ? parseUrl(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new RealtimeError(
      'input',
      'serverUrl must be a whole address that begins with https:// or http://.',
    );
  }
  if (parsed.username || parsed.password || parsed.search || parsed.hash) {
    throw new RealtimeError(
      'input',
      'serverUrl must not hold a user name, a password, a query or a fragment.',
    );
  }
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`;
}

/** The full address of `workflow` for `participantId` or the default participant. Throws `input`. */
export function resolveAddress(
  where: AddressDefaults,
  workflow: string,
  participantId: string | undefined,
): Address {
  const participant = normaliseParticipant(participantId ?? where.participantId ?? '');
  if (!participant) throw new RealtimeError('input', 'No participantId was given.');
  return { workflow: workflowId(where.tenantId, workflow), participantId: participant };
}

function parseUrl(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined; // The caller words the failure.
  }
}
