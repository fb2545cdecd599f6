import { RealtimeError } from '../protocol/errors.ts';
import type { Account } from './account.ts';
import type { Environment } from './environment.ts';
import type { Incidents } from './incident-client.ts';
import type { IncidentFeed, IncidentFilter } from './incident-types.ts';
import type { Instruments } from './instruments.ts';
import type { ChannelHealth, HybridClientOptions } from './types.ts';

/** What the incidents of a client need from it. */
export interface IncidentDeskPorts {
  readonly environment: Environment;
  readonly options: HybridClientOptions;
  readonly instruments: Instruments;
  readonly account: Account;
  onError(error: RealtimeError): void;
}

/** The incidents of a client, in its participant's name. Their code is loaded when somebody first asks for them. */
export class IncidentDesk {
  readonly #ports: IncidentDeskPorts;
  #loading: Promise<Incidents> | undefined;
  #incidents: Incidents | undefined;
  #isDisposed = false;

  constructor(ports: IncidentDeskPorts) {
    this.#ports = ports;
  }

  /** See `HybridClient.incidents`. */
  async feed(filter: IncidentFilter): Promise<IncidentFeed> {
    return (await this.#load()).feed(filter);
  }

  health(): readonly ChannelHealth[] {
    return this.#incidents?.health() ?? [];
  }

  /** Forgets everything of the participant, in storage too. */
  async forget(): Promise<void> {
    const { incidentsUrl } = this.#ports.options;
    if (incidentsUrl) await (await this.#load()).logout();
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.#incidents?.dispose();
  }

  #load(): Promise<Incidents> {
    return (this.#loading ??= this.#make().catch((error: unknown) => {
      this.#loading = undefined; // the next call tries again
      throw RealtimeError.from(error, 'network', 'The code for incidents could not be loaded.');
    }));
  }

  async #make(): Promise<Incidents> {
    const { options, instruments, account, environment, onError } = this.#ports;
    const { incidentsUrl, logger } = options;
    if (!incidentsUrl) throw new RealtimeError('input', 'The option incidentsUrl is missing.');
    const { Incidents } = await import('./incident-client.ts');
    if (this.#isDisposed) throw new RealtimeError('closed', 'The client has been disposed of.');
    return (this.#incidents = new Incidents({
      incidentsUrl,
      environment,
      logger,
      metrics: instruments.metrics,
      credentials: account.credentials,
      participantId: () => account.participantId,
      onError,
    }));
  }
}
