import type { Undo } from '../protocol/emitter.ts';
import type { RealtimeError } from '../protocol/errors.ts';
import type { Environment } from './environment.ts';
import { ErrorReporter } from './error-reporter.ts';
import { MetricsReporter } from './metrics-reporter.ts';
import type { HybridClient } from './types.ts';

/**
 * Reports `client`'s metrics and errors to the addresses in its options, until the undo runs. `onError` hears of a collector
 * of metrics that fails; one of errors that fails tells nobody, since that would be one more to report.
 */
export function startTelemetry(
  client: HybridClient,
  environment: Environment,
  onError: (error: RealtimeError) => void,
): Undo {
  const { metricsUrl, metricsFormat, errorsUrl, tenantId } = client.options;
  const undos: Undo[] = [];
  if (errorsUrl) {
    const reporter = new ErrorReporter({ url: errorsUrl, environment });
    undos.push(reporter.attach(client), () => reporter.dispose());
  }
  if (metricsUrl) {
    const reporter = new MetricsReporter({
      ...{ client, url: metricsUrl, format: metricsFormat, tenantId },
      ...{ environment, onError },
    });
    undos.push(() => reporter.dispose());
  }
  return () => undos.forEach((undo) => undo());
}
