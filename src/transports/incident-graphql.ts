import { RealtimeError } from '../protocol/errors.ts';
import type { Incident, IncidentAction, IncidentDetails } from '../protocol/incident.ts';
import { parseDetails, parseIncident } from '../protocol/incident-parse.ts';
import type { IncidentDialect } from './incident-dialect.ts';
import { incidentError, objectOf } from './incident-errors.ts';
import { Gate, MAX_REQUESTS } from './incident-gate.ts';
import { incidentField, lookUp } from './incident-lookup.ts';
import { mutationDocument } from './incident-mutations.ts';
import { IncidentPages } from './incident-pages.ts';
import { dataOf, failureOf, type Ask } from './incident-result.ts';
import { cannot, checkQuery, understood } from './incident-rows.ts';
import type {
  GraphqlRequest,
  IncidentPage,
  IncidentQuery,
  IncidentReader,
  IncidentsById,
} from './incident-source.ts';

export interface GraphqlReaderPorts {
  readonly request: GraphqlRequest;
  /** From `probeGraphql()`. */
  readonly dialect: IncidentDialect;
  /** Name of who acts, for servers that ask for it. */
  readonly actor?: () => string | undefined;
}

/** Reads and changes incidents by GraphQL, in the words of the server's dialect. Holds no connection and retries nothing. */
export function createGraphqlReader(ports: GraphqlReaderPorts): IncidentReader {
  return new GraphqlReader(ports);
}

class GraphqlReader implements IncidentReader {
  readonly via = 'graphql';
  readonly #ports: GraphqlReaderPorts;
  readonly #pages: IncidentPages;
  readonly #gate = new Gate(MAX_REQUESTS);

  constructor(ports: GraphqlReaderPorts) {
    this.#ports = ports;
    this.#pages = new IncidentPages(ports.dialect, this.#ask);
  }

  async page(query: IncidentQuery): Promise<IncidentPage> {
    checkQuery(query);
    return understood(this.#pages.read(query));
  }

  read(ids: readonly string[], signal?: AbortSignal): Promise<IncidentsById> {
    return understood(lookUp(this.#ports.dialect, this.#ask, ids, signal));
  }

  details(id: string, signal?: AbortSignal): Promise<IncidentDetails> {
    return understood(this.#details(id, signal));
  }

  async #details(id: string, signal: AbortSignal | undefined): Promise<IncidentDetails> {
    const { dialect } = this.#ports;
    const field = incidentField(dialect, id, dialect.details);
    const result = await this.#ask(`query IncidentDetails { ${field} }`, signal);
    const details = parseDetails(dataOf(result)['incident']);
    if (!details) throw failureOf(result);
    return details;
  }

  async act(action: IncidentAction, signal?: AbortSignal): Promise<Incident> {
    const { dialect, actor } = this.#ports;
    const document = mutationDocument(dialect, action, actor?.());
    if (document === undefined) throw cannot();
    const result = await this.#ask(document, signal);
    const outcome = dataOf(result)['result'];
    // `null`, or nothing at all: the server has not done it, and says why.
    if (outcome === null || outcome === undefined) throw failureOf(result);
    const payload = objectOf(outcome);
    if (payload?.['success'] === false) throw incidentError('input');
    return parseIncident(payload?.['incident'] ?? payload) ?? this.#readBack(action.id, signal);
  }

  /** For servers whose mutations do not tell what became of the incident. */
  async #readBack(id: string, signal: AbortSignal | undefined): Promise<Incident> {
    const { incidents } = await this.read([id], signal).catch((cause: unknown) => {
      throw done(cause);
    });
    const [incident] = incidents;
    if (!incident) throw done();
    return incident;
  }

  readonly #ask: Ask = (query, signal) =>
    this.#gate.run(() => this.#ports.request({ query }, signal), signal);
}

function done(cause?: unknown): RealtimeError {
  return new RealtimeError('protocol', 'It is done, but what became of the incident could not be read.', {
    cause,
    stored: 'yes',
    retryable: false,
  });
}
