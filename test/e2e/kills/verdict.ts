import type { ServerReport } from '../../support/node-server.ts';
import type { Ledger } from './ledger.ts';

/** A message that the server stored more than once. */
export interface Duplicate {
  readonly requestId: string;
  readonly text: string;
  readonly copies: number;
  /**
   * Whether the server answered a look into the history between two copies: the first was there to be seen, so the second
   * has no excuse. A copy that was still on its way when the client looked is what the guarantee allows.
   */
  readonly wasVisible: boolean;
  /** What the server received from the first copy to the last. */
  readonly trace: readonly string[];
}

/** How a run ended, by the server's word. */
export interface Verdict {
  /** Messages that a page said were saved. */
  readonly accepted: number;
  readonly storedOnce: number;
  readonly duplicates: readonly Duplicate[];
  /** Accepted, and neither stored nor reported as failed. */
  readonly lost: readonly string[];
  /** Accepted, not stored, and shown as failed. */
  readonly failed: readonly string[];
  /** Stored, although the page died before it could say that they were saved. */
  readonly storedUnasked: number;
  /** Pairs of texts that were stored in another order than they were written. */
  readonly reordered: readonly (readonly [string, string])[];
}

/**
 * Compares what pages reported with what the server has. `place` gives a text its place in the order of writing, and the
 * writer whose order it is.
 */
export function judge(
  ledger: Ledger,
  { stored, received }: ServerReport,
  place: (text: string) => { readonly writer: string; readonly number: number },
): Verdict {
  const copies = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const { direction, requestId, text } of stored) {
    if (direction !== 'Incoming' || !requestId) continue;
    counts.set(requestId, (counts.get(requestId) ?? 0) + 1);
    if (!copies.has(requestId)) copies.set(requestId, text ?? '');
  }
  const missing = ledger.accepted.filter(({ requestId }) => !counts.has(requestId));
  const told = new Set(ledger.accepted.map(({ requestId }) => requestId));
  return {
    accepted: told.size,
    storedOnce: [...told].filter((id) => counts.get(id) === 1).length,
    duplicates: [...counts]
      .filter(([, count]) => count > 1)
      .map(([requestId, count]) => ({
        requestId,
        text: copies.get(requestId) ?? '',
        copies: count,
        ...lookBetween(received, requestId),
      })),
    lost: missing.filter(({ failed }) => !failed).map(({ text }) => text),
    failed: missing.filter(({ failed }) => failed).map(({ text }) => text),
    storedUnasked: [...copies.keys()].filter((id) => !told.has(id)).length,
    reordered: reorders([...copies.values()], place),
  };
}

function lookBetween(
  received: ServerReport['received'],
  requestId: string,
): Pick<Duplicate, 'wasVisible' | 'trace'> {
  const sends = received.flatMap((entry, index) => (entry.requestId === requestId ? [index] : []));
  const from = sends[0] ?? 0;
  const between = received.slice(from, (sends.at(-1) ?? from) + 1);
  return {
    wasVisible: between.some(({ target, path }) => /history/i.test(target ?? path)),
    trace: between.map(
      ({ at, transport, method, target, path, status }) =>
        `${at} ${transport} ${target ?? `${method} ${path}`} ${status ?? ''}`,
    ),
  };
}

function reorders(
  texts: readonly string[],
  place: (text: string) => { readonly writer: string; readonly number: number },
): [string, string][] {
  const latest = new Map<string, { text: string; number: number }>();
  const found: [string, string][] = [];
  for (const text of texts) {
    const { writer, number } = place(text);
    const before = latest.get(writer);
    if (before && before.number > number) found.push([before.text, text]);
    else latest.set(writer, { text, number });
  }
  return found;
}

/** Whether anything broke the promise; empty when nothing did. */
export function complaints({ lost, failed, duplicates, reordered }: Verdict): string[] {
  return [
    ...lost.map((text) => `lost: ${text}`),
    ...failed.map((text) => `failed: ${text}`),
    ...duplicates
      .filter(({ wasVisible }) => wasVisible)
      .map(({ text, trace }) => `stored again after it could be seen: ${text}\n    ${trace.join('\n    ')}`),
    ...reordered.map(([one, other]) => `stored "${one}" before "${other}"`),
  ];
}
