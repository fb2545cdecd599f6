/**
 * A strict reader of OpenTelemetry's `ExportMetricsServiceRequest` in JSON, by the protocol buffers' rules and those of OTLP:
 * lowerCamelCase names, no others; 64-bit integers as decimal strings; enums as numbers; no `NaN`; no empty envelopes.
 * Only what a sender of metrics like ours may use is known; the rest is an error.
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto
 */
type Check = (value: unknown, path: string, problems: string[]) => void;

const is =
  (what: string, test: (value: unknown) => boolean): Check =>
  (value, path, problems) => {
    if (!test(value)) problems.push(`${path} is no ${what}: ${JSON.stringify(value)}`);
  };

const digits = (value: unknown, form: RegExp, max: bigint) =>
  typeof value === 'string' && form.test(value) && BigInt(value) <= max;
const text = is('text', (value) => typeof value === 'string' && value !== '');
const bool = is('boolean', (value) => typeof value === 'boolean');
const double = is('double', (value) => typeof value === 'number' && Number.isFinite(value));
const int32 = is('int32', (value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31);
const fixed64 = is('fixed64', (value) => digits(value, /^\d+$/, 2n ** 64n - 1n));
const sfixed64 = is('sfixed64', (value) => digits(value, /^-?\d+$/, 2n ** 63n - 1n));
const temporality = is('temporality', (value) => value === 1 || value === 2);

/** An object with exactly these fields; those that end in `?` may be missing. */
function message(fields: Readonly<Record<string, Check>>, more?: Check): Check {
  return (value, path, problems) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      problems.push(`${path} is no message`);
      return;
    }
    const object = value as Record<string, unknown>;
    for (const [name, check] of Object.entries(fields)) {
      const key = name.replace('?', '');
      if (key in object) check(object[key], `${path}.${key}`, problems);
      else if (key === name) problems.push(`${path}.${key} is missing`);
    }
    for (const key of Object.keys(object)) {
      if (!(key in fields) && !(`${key}?` in fields)) problems.push(`${path}.${key} is not known`);
    }
    more?.(value, path, problems);
  };
}

function list(check: Check, minimum = 1): Check {
  return (value, path, problems) => {
    if (!Array.isArray(value)) problems.push(`${path} is no list`);
    else if (value.length < minimum) problems.push(`${path} is empty`);
    else value.forEach((item, index) => check(item, `${path}[${index}]`, problems));
  };
}

function oneOf(...keys: readonly string[]): Check {
  return (value, path, problems) => {
    const present = keys.filter((key) => key in (value as object));
    if (present.length !== 1) problems.push(`${path} has not exactly one of ${keys.join(', ')}`);
  };
}

/** Each of `key(item)` once. */
function unique(key: (item: Record<string, unknown>) => unknown, check: Check): Check {
  return (value, path, problems) => {
    check(value, path, problems);
    if (!Array.isArray(value)) return;
    const keys = value.map((item: Record<string, unknown>) => JSON.stringify(key(item)));
    if (new Set(keys).size !== keys.length) problems.push(`${path} names something twice`);
  };
}

const attributes = unique(
  ({ key }) => key,
  list(message({ key: text, value: message({ stringValue: text }) }), 0),
);

const notBackwards: Check = (value, path, problems) => {
  const { startTimeUnixNano: from, timeUnixNano: to } = value as Record<string, string>;
  if (BigInt(from ?? 0) > BigInt(to ?? 0)) problems.push(`${path} ends before it starts`);
};

const times = { startTimeUnixNano: fixed64, timeUnixNano: fixed64 };

const numberPoint = message({ attributes, ...times, 'asInt?': sfixed64, 'asDouble?': double }, (...point) => {
  oneOf('asInt', 'asDouble')(...point);
  notBackwards(...point);
});

const histogramPoint = message(
  {
    attributes,
    ...times,
    count: fixed64,
    sum: double,
    max: double,
    scale: int32,
    zeroCount: fixed64,
    positive: message({ offset: int32, bucketCounts: list(fixed64) }),
  },
  (value, path, problems) => {
    notBackwards(value, path, problems);
    const { count, sum, max, zeroCount, scale, positive } = value as {
      count: string;
      sum: number;
      max: number;
      zeroCount: string;
      scale: number;
      positive: { offset: number; bucketCounts: string[] };
    };
    const { offset, bucketCounts } = positive;
    const counted = bucketCounts.reduce((total, each) => total + Number(each), Number(zeroCount));
    if (counted !== Number(count)) problems.push(`${path}: ${counted} in buckets, ${count} in all`);
    const edge = (index: number) => 2 ** ((offset + index) / 2 ** scale);
    if (!(edge(bucketCounts.length - 1) < max && max <= edge(bucketCounts.length))) {
      problems.push(`${path}: the longest took ${max} s, but the last bucket is another`);
    }
    const least = bucketCounts.reduce((total, each, index) => total + Number(each) * edge(index), 0);
    const most = bucketCounts.reduce((total, each, index) => total + Number(each) * edge(index + 1), 0);
    if (!(least < sum && sum <= most * (1 + 1e-9)))
      problems.push(`${path}: the sum does not fit the buckets`);
  },
);

const points = (point: Check) => unique((item) => item['attributes'], list(point));

const metric = message(
  {
    name: is('name', (value) => typeof value === 'string' && /^[a-z][\w./-]{0,254}$/i.test(value)),
    unit: text,
    'sum?': message({
      dataPoints: points(numberPoint),
      aggregationTemporality: temporality,
      isMonotonic: bool,
    }),
    'gauge?': message({ dataPoints: points(numberPoint) }),
    'exponentialHistogram?': message({
      dataPoints: points(histogramPoint),
      aggregationTemporality: temporality,
    }),
  },
  oneOf('sum', 'gauge', 'exponentialHistogram'),
);

const request = message({
  resourceMetrics: list(
    message({
      resource: message({ attributes }),
      scopeMetrics: list(
        message({
          scope: message({ name: text, version: text }),
          metrics: unique(({ name }) => name, list(metric)),
        }),
      ),
    }),
  ),
});

/** What is wrong with the body of a request, in sentences; empty when nothing is. */
export function problemsOf(body: string): string[] {
  const problems: string[] = [];
  request(JSON.parse(body), 'request', problems);
  return problems;
}
