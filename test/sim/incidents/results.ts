import { KINDS, type Gap } from './gap.ts';
import { WRONG_MS } from './judge.ts';
import type { Played } from './play.ts';
import { faultsOf } from './verdict.ts';

/** What is kept of one gap that was played. */
export interface Row {
  readonly seed: number;
  readonly kind: Gap['kind'];
  readonly server: Gap['server'];
  /** Rows that were wrong, missing or left over when the gap ended. */
  readonly missed: number;
  readonly missing: number;
  readonly leftOver: number;
  readonly outdated: number;
  readonly repairMs: number;
  readonly wronglyFreshMs: number;
  readonly requestsPerMinute: number;
  readonly lastedMs: number;
  readonly faults: readonly string[];
}

export function rowOf(played: Played): Row {
  const { gap, missed, difference, repairMs = Infinity } = played;
  return {
    seed: gap.seed,
    kind: gap.kind,
    server: gap.server,
    missed: missed.missing + missed.leftOver + missed.outdated,
    ...difference,
    repairMs,
    wronglyFreshMs: played.wronglyFreshMs,
    requestsPerMinute: played.requestsPerMinute,
    lastedMs: played.lastedMs,
    faults: faultsOf(played),
  };
}

const HEAD = [
  'gaps',
  'with something missed',
  'missing',
  'left over',
  'outdated',
  'wrongly fresh',
  'repair: median',
  '95 %',
  'worst',
  'requests a minute: median',
  'most',
];

/** The results, as Markdown. */
export function writeResults(
  rows: readonly Row[],
  { seed, seconds }: { seed: number; seconds: number },
): string {
  const sum = (of: (row: Row) => number) => rows.reduce((all, row) => all + of(row), 0);
  const byServer = (['stream', 'quiet', 'rest'] as const).map((server) =>
    tableRow(
      SERVERS[server],
      rows.filter((row) => row.server === server),
    ),
  );
  const byKind = KINDS.map((kind) =>
    tableRow(
      KIND_WORDS[kind],
      rows.filter((row) => row.kind === kind),
    ),
  );
  const faulty = rows.filter(({ faults }) => faults.length > 0).sort((a, b) => a.seed - b.seed);
  const hours = Math.round(sum(({ lastedMs }) => lastedMs) / 3_600_000);
  const longestFresh = Math.max(0, ...rows.map(({ wronglyFreshMs }) => wronglyFreshMs));
  return `# Gaps in what a feed of incidents was told

Written by \`npm run sim:gaps\`. ${rows.length} gaps, seeds ${seed} to ${seed + rows.length - 1}, ${hours} hours of virtual time in ${Math.round(seconds)} s
on two cores. Each has a client of its own, from \`createIncidentClient()\` down to its transport, graphql-ws included; \`fetch\`
and \`WebSocket\` are played, and the incident manager behind them is a model whose list, wire and schema are those of the local
server. While a gap lasts, incidents are created, change, are escalated, assigned, resolved and removed, some of it without an event;
then all trouble ends. Repair is the time from there until every row shown is what the server has, with none missing and none
left over, looked at every 250 ms of virtual time. A connection that died unnoticed stays dead: noticing it is part of the repair.
Where there is more than a feed's \`limit\`, an incident counts as missing if it matters more than one that is shown and a look or
an event has brought it; when such a feed calls itself fresh, the rows that it shows are judged. Removals are never told of.

${table(['', ...HEAD], [tableRow('all', rows)])}

The longest that \`fresh\` was said of a row that had changed: ${inSeconds(longestFresh)}; more than ${inSeconds(WRONG_MS)} counts as wrongly fresh
(a look that is due every 30 s beside a stream which was believed, 25 s for which a proof holds, and what looks take).
Announced twice, announced though old, never announced, shown as they never were, kept after \`dispose()\`: ${faulty.length === 0 ? 'none' : 'see the end'}.

## By server

${table(['server', ...HEAD], byServer)}

## By kind of gap

Of several, two to four at a time.

${table(['gap', ...HEAD], byKind)}
${faulty.length > 0 ? `\n## Faults\n\n${faulty.map(({ seed: each, faults }) => `- seed ${each}: ${faults.join('; ')}`).join('\n')}\n` : ''}`;
}

const SERVERS: Readonly<Record<Gap['server'], string>> = {
  stream: 'tells of changes',
  quiet: 'accepts subscriptions, tells nothing',
  rest: 'REST only',
};
const KIND_WORDS: Readonly<Record<Gap['kind'], string>> = {
  away: 'the network swallows everything',
  unreachable: 'the server is down',
  cut: 'the stream is cut',
  muted: 'the stream dies unnoticed',
  'no-sockets': 'no stream can be opened',
  flapping: 'streams are closed as soon as they stand',
  'lost-events': 'events are lost on a stream that stands',
  'kept-quiet': 'the server stops telling on a stream that stands',
  failing: 'requests fail (500, 503)',
  limited: 'requests are refused (429)',
  slow: 'answers take seconds',
  asleep: 'the machine sleeps',
  hidden: 'the page is hidden',
  frozen: 'the page is frozen',
  'server-clock': "the server's clock is set",
  several: 'several of these',
};

function tableRow(name: string, rows: readonly Row[]): string[] {
  const sum = (of: (row: Row) => number) => String(rows.reduce((all, row) => all + of(row), 0));
  const repairs = rows.map(({ repairMs }) => repairMs).sort((a, b) => a - b);
  const requests = rows.map(({ requestsPerMinute }) => requestsPerMinute).sort((a, b) => a - b);
  return [
    name,
    String(rows.length),
    sum(({ missed }) => Number(missed > 0)),
    sum(({ missing }) => missing),
    sum(({ leftOver }) => leftOver),
    sum(({ outdated }) => outdated),
    sum(({ faults }) => Number(faults.some((fault) => fault.startsWith('wrongly fresh')))),
    inSeconds(quantile(repairs, 0.5)),
    inSeconds(quantile(repairs, 0.95)),
    inSeconds(quantile(repairs, 1)),
    quantile(requests, 0.5).toFixed(0),
    quantile(requests, 1).toFixed(0),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function inSeconds(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1_000).toFixed(1)} s` : 'never';
}
