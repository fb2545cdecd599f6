import { Emitter, reportUnheard, type Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { rememberSecret } from '../protocol/redact.ts';
import type { Environment } from './environment.ts';
import { Metrics } from './metrics.ts';
import type { HybridClient, HybridClientEvents } from './types.ts';

/** How often the event `metrics` comes at most. */
const METRICS_MS = 10_000;

/** Tokens that are remembered: that in use, and those before it that an error may still tell of. */
const SECRETS = 3;

/** What watches over a client: its listeners and measurements, the reports of both, and what no report may hold. */
export class Instruments {
  readonly metrics: Metrics;
  readonly emitter: Emitter<HybridClientEvents>;
  readonly #environment: Environment;
  /** Credentials that no log and no report shows. */
  readonly #secrets = new Map<string, Undo>();
  #isOver = false;
  #cancelMetrics: Undo | undefined;
  #telemetry: Promise<Undo> | undefined;

  constructor(environment: Environment) {
    this.#environment = environment;
    this.metrics = new Metrics(environment);
    this.emitter = new Emitter((error, event) => this.#onListenerError(error, event));
  }

  /** From now on no log and no report shows `credential`. Returns it. */
  remember(credential: string): string {
    if (this.#isOver) return credential; // nobody would forget it
    const forget = this.#secrets.get(credential) ?? rememberSecret(credential);
    this.#secrets.delete(credential);
    this.#secrets.set(credential, forget); // as the latest
    const [oldest] = this.#secrets;
    if (oldest && this.#secrets.size > SECRETS) {
      oldest[1]();
      this.#secrets.delete(oldest[0]);
    }
    return credential;
  }

  /**
   * Begins to work for `client`: emits `metrics`, and reports to the addresses in its options. Once is enough.
   *
   * @param onMeasured Called after everything that was measured.
   */
  start(client: HybridClient, onMeasured: () => void): void {
    this.metrics.onChange ??= () => {
      onMeasured();
      this.#planMetrics(client);
    };
    const { metricsUrl, errorsUrl } = client.options;
    if (!metricsUrl && !errorsUrl) return;
    this.#telemetry ??= import('./telemetry.ts').then(
      ({ startTelemetry }) =>
        startTelemetry(client, this.#environment, (error) => this.emitter.emit('error', error)),
      (reason: unknown) => {
        this.#telemetry = undefined; // the next connection tries again
        const words = 'The reports of metrics and errors could not be loaded.';
        this.emitter.emit('error', RealtimeError.from(reason, 'network', words));
        return () => undefined;
      },
    );
  }

  /** Reports what there is and stops: no timer or listener is left. */
  async dispose(): Promise<void> {
    this.metrics.onChange = () => undefined;
    this.#cancelMetrics?.();
    (await this.#telemetry)?.();
    this.#isOver = true;
    for (const forget of this.#secrets.values()) forget();
    this.emitter.clear();
  }

  #planMetrics(client: HybridClient): void {
    if (this.emitter.count('metrics') === 0) return;
    this.#cancelMetrics ??= this.#environment.setTimer(() => {
      this.#cancelMetrics = undefined;
      this.emitter.emit('metrics', client.metrics());
    }, METRICS_MS);
  }

  /** A listener of the page threw: it is the page's to know, as for any other listener, and the error report's. */
  #onListenerError(error: unknown, event: keyof HybridClientEvents): void {
    reportUnheard(error);
    if (event === 'error') return;
    this.emitter.emit('error', new RealtimeError('bug', `A listener of "${event}" threw.`, { cause: error }));
  }
}
