import type { LatencySummary, MetricsSnapshot } from './metrics.ts';
import { VERSION } from './version.ts';

/**
 * The JSON form of OpenTelemetry's `ExportMetricsServiceRequest`: 64-bit integers are decimal strings, enums numbers, times
 * nanoseconds since 1970.
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export interface OtlpRequest {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeMetrics: readonly {
      readonly scope: { readonly name: string; readonly version: string };
      readonly metrics: readonly OtlpMetric[];
    }[];
  }[];
}

export interface OtlpAttribute {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}

/** One metric, with exactly one of the three kinds of data. */
export interface OtlpMetric {
  readonly name: string;
  readonly unit: string;
  readonly sum?: {
    readonly dataPoints: readonly OtlpPoint[];
    readonly aggregationTemporality: number;
    readonly isMonotonic: boolean;
  };
  readonly gauge?: { readonly dataPoints: readonly OtlpPoint[] };
  readonly exponentialHistogram?: {
    readonly dataPoints: readonly OtlpPoint[];
    readonly aggregationTemporality: number;
  };
}

/** A number, as `asInt` or `asDouble`, or a histogram with what the protocol names its parts. */
export interface OtlpPoint {
  readonly attributes: readonly OtlpAttribute[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly [part: string]: unknown;
}

/** Whose snapshot it is. */
export interface OtlpOrigin {
  /** Tells this client apart from all others; random. */
  readonly instance: string;
  /** Milliseconds since 1970 at which the measuring began: the same one for every snapshot of a client. */
  readonly startedAt: number;
  /** Becomes the attribute `xians.tenant`. Default: not told. */
  readonly tenantId?: string;
}

type Tags = Readonly<Record<string, string | undefined>>;
/** A number or histogram with its attributes; `undefined` where there is nothing to tell yet. */
type Row = readonly [tags: Tags, value: number | LatencySummary | undefined];

const NAME = 'xians-widgets';
const CUMULATIVE = 2;
/** That of the histogram's buckets: eight for each doubling. */
const SCALE = 3;

/** A snapshot in the form that OpenTelemetry collectors take at `/v1/metrics`. */
export function toOtlp(snapshot: MetricsSnapshot, origin: OtlpOrigin): OtlpRequest {
  const { operations, connections, queue, delivery, firstReply, coveredMs } = snapshot;
  const { instance, startedAt, tenantId } = origin;
  const times = {
    startTimeUnixNano: nanoseconds(startedAt),
    // By the clock that does not jump: the end of a series is never before its start.
    timeUnixNano: nanoseconds(startedAt + coveredMs),
  };
  const points = (rows: readonly Row[], isSeconds = false) =>
    rows.flatMap(([tags, value]) => {
      const data = typeof value === 'object' ? histogram(value) : number(value, isSeconds);
      return data ? [{ attributes: attributes(tags), ...times, ...data }] : [];
    });
  const counter = (name: string, unit: string, rows: readonly Row[], isMonotonic = true): OtlpMetric => ({
    name: `xians.client.${name}`,
    unit,
    sum: { dataPoints: points(rows, unit === 's'), aggregationTemporality: CUMULATIVE, isMonotonic },
  });
  const durations = (name: string, rows: readonly Row[]): OtlpMetric => ({
    name: `xians.client.${name}`,
    unit: 's',
    exponentialHistogram: { dataPoints: points(rows), aggregationTemporality: CUMULATIVE },
  });

  const calls = operations.map((each) => ({
    ...each,
    tags: { 'xians.transport': each.transport, 'xians.operation': each.operation },
  }));
  const channels = connections.map((each) => ({ ...each, tags: { 'xians.transport': each.transport } }));
  const metrics: OtlpMetric[] = [
    counter(
      'operation.started',
      '{operation}',
      calls.map(({ tags, started }): Row => [tags, started]),
    ),
    counter(
      'operation.finished',
      '{operation}',
      calls.flatMap(({ tags, succeeded, failures }): Row[] => [
        [tags, succeeded],
        ...Object.entries(failures).map(([code, count]): Row => [{ ...tags, 'error.type': code }, count]),
      ]),
    ),
    durations(
      'operation.duration',
      calls.map(({ tags, latency }): Row => [tags, latency]),
    ),
    counter(
      'connection.uptime',
      's',
      channels.map(({ tags, uptimeMs }): Row => [tags, uptimeMs / 1000]),
    ),
    counter(
      'connection.reconnects',
      '{reconnect}',
      channels.map(({ tags, reconnects }): Row => [tags, reconnects]),
    ),
    counter(
      'connection.open',
      '{connection}',
      channels.map(({ tags, isOpen }): Row => [tags, Number(isOpen)]),
      false,
    ),
    counter(
      'queue.messages',
      '{message}',
      [
        [{ 'xians.message.state': 'waiting' }, queue.waiting],
        [{ 'xians.message.state': 'failed' }, queue.failed],
      ],
      false,
    ),
    {
      name: 'xians.client.queue.oldest',
      unit: 's',
      gauge: { dataPoints: points([[{}, seconds(queue.oldestMs)]], true) },
    },
    counter('delivery.messages', '{message}', [
      [{ 'xians.message.state': 'delivered' }, delivery.delivered],
      [{ 'xians.message.state': 'failed' }, delivery.failed],
    ]),
    durations('delivery.duration', [[{}, delivery.latency]]),
    durations('reply.duration', [[{}, firstReply]]),
  ];
  const resource = {
    'service.name': NAME,
    'service.version': VERSION,
    'service.instance.id': instance,
    'xians.tenant': tenantId,
  };
  return {
    resourceMetrics: [
      {
        resource: { attributes: attributes(resource) },
        scopeMetrics: [{ scope: { name: NAME, version: VERSION }, metrics: metrics.filter(hasPoints) }],
      },
    ],
  };
}

function hasPoints({ sum, gauge, exponentialHistogram }: OtlpMetric): boolean {
  return (sum ?? gauge ?? exponentialHistogram)?.dataPoints.length !== 0;
}

function number(value: number | undefined, isDouble: boolean) {
  if (value === undefined) return undefined;
  return isDouble ? { asDouble: value } : { asInt: String(value) };
}

function histogram({ count, meanMs = 0, maxMs = 0, buckets }: LatencySummary) {
  if (count === 0) return undefined;
  const indices = Object.keys(buckets).map(Number);
  const offset = Math.min(...indices);
  const length = Math.max(...indices) - offset + 1;
  return {
    count: String(count),
    sum: (count * meanMs) / 1000,
    max: maxMs / 1000,
    scale: SCALE,
    zeroCount: '0',
    positive: {
      offset,
      bucketCounts: Array.from({ length }, (_, index) => String(buckets[offset + index] ?? 0)),
    },
  };
}

function attributes(tags: Tags): OtlpAttribute[] {
  return Object.entries(tags).flatMap(([key, stringValue]) =>
    stringValue === undefined ? [] : [{ key, value: { stringValue } }],
  );
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}

function nanoseconds(ms: number): string {
  // As text: the number has more digits than a double holds.
  return `${Math.round(ms)}000000`;
}
