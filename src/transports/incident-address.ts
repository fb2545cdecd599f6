import { RealtimeError } from '../protocol/errors.ts';
import { checkServerUrl } from './settings.ts';

/** Where the parts of an incident manager are. Nothing ends with a slash. */
export interface IncidentAddress {
  readonly base: string;
  /** Takes GraphQL over HTTP. */
  readonly graphql: string;
  /** `ws:` or `wss:`; in the order in which they are tried. */
  readonly sockets: readonly string[];
  readonly rest: string;
}

/**
 * The addresses behind `url`: `https://host[:port][/path]`, where the path may end with one that documents name
 * (`/graphql`, `/graphql/ws`, `/v1`), and the scheme may be that of the socket. Throws `input`.
 */
export function incidentAddress(url: unknown): IncidentAddress {
  const base = checkIncidentsUrl(url).replace(/\/(graphql(\/ws)?|v1)$/, '');
  const graphql = `${base}/graphql`;
  const socket = graphql.replace(/^http/, 'ws');
  return { base, graphql, sockets: [`${socket}/ws`, socket], rest: `${base}/v1` };
}

function checkIncidentsUrl(url: unknown): string {
  try {
    return checkServerUrl(typeof url === 'string' ? url.trim().replace(/^ws(?=s?:)/i, 'http') : url);
  } catch (reason) {
    const { message } = RealtimeError.from(reason, 'input', 'incidentsUrl cannot be used.');
    throw new RealtimeError('input', message.replace('serverUrl', 'incidentsUrl'));
  }
}
