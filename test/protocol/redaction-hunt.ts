import { inspect } from 'node:util';
import { defaultEnvironment, type Environment, type LifecycleEvent } from '../../src/client/environment.ts';
import { ErrorReporter } from '../../src/client/error-reporter.ts';
import { Metrics } from '../../src/client/metrics.ts';
import { toOtlp } from '../../src/client/otlp.ts';
import { reportUnheard } from '../../src/protocol/emitter.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { errorDetails, errorFromDetails } from '../../src/protocol/error-details.ts';
import { harmlessCause } from '../../src/protocol/harmless-text.ts';
import { parseErrorResponse } from '../../src/protocol/parse-error.ts';
import { redact, rememberSecret } from '../../src/protocol/redact.ts';
import { hubCompletionError, hubEventError, hubLossError } from '../../src/transports/hub-errors.ts';
import { resolveSettings } from '../../src/transports/settings.ts';
import { Random } from '../sim/random.ts';
import { drawError, type Plants } from './redaction-errors.ts';
import { drawSecret, type Knowledge, pick, plant } from './redaction-secrets.ts';

export interface Hunt {
  readonly cases: number;
  readonly secrets: number;
  /** Characters that were looked through, by the sink that they came out of. */
  readonly looked: Readonly<Record<string, number>>;
  /** What was found, with the seed of its batch. */
  readonly leaks: readonly string[];
}

/** Errors that share a reporter, a page and the credentials that are in use. */
const BATCH = 50;
const RUN = 8;
const IN_USE = 6;
const KNOWN: readonly Knowledge[] = ['form', 'form', 'held', 'held', 'named'];
const FOREIGN: readonly Knowledge[] = [...KNOWN, 'unknown', 'unknown'];

/** Sends `cases` errors with secrets in them through everything that text of this library comes out of, and looks for the secrets there. */
export async function hunt(seed: number, cases: number): Promise<Hunt> {
  const random = new Random(seed);
  const looked: Record<string, number> = {};
  const leaks: string[] = [];
  let secrets = 0;
  for (let done = 0; done < cases; done += BATCH) {
    const batchSeed = Math.floor(random.next() * 2 ** 32);
    const found = await runBatch(batchSeed, Math.min(BATCH, cases - done));
    secrets += found.secrets;
    for (const [sink, text] of found.outputs) {
      looked[sink] = (looked[sink] ?? 0) + text.length;
      const leak = firstLeak(text, found.runs);
      if (leak) leaks.push(`batch ${batchSeed}, ${sink}: "${leak}" in ${text.slice(0, 2_000)}`);
    }
  }
  return { cases, secrets, looked, leaks };
}

type Outputs = (readonly [sink: string, text: string])[];

async function runBatch(seed: number, cases: number) {
  const random = new Random(seed);
  const runs = new Set<string>();
  // Few are in use at a time.
  const inUse = Array.from({ length: IN_USE }, () => drawSecret(random, 'held'));
  const undos = inUse.map(({ value }) => rememberSecret(value));
  let secrets = 0;
  const plants: Plants = { known: () => text(KNOWN), foreign: () => text(FOREIGN) };
  function text(kinds: readonly Knowledge[]): string {
    const kind = pick(random, kinds);
    const secret = kind === 'held' ? pick(random, inUse) : drawSecret(random, kind);
    secrets++;
    const value = secret.value.toLowerCase();
    for (let i = 0; i + RUN <= value.length; i++) runs.add(value.slice(i, i + RUN));
    return plant(random, secret);
  }

  const outputs: Outputs = [];
  const page = new Page(random, plants);
  const reporter = new ErrorReporter({
    environment: page.environment,
    url: 'https://h.example/errors',
    flushMs: 1_000,
  });
  const metrics = new Metrics(page.environment);
  for (let i = 0; i < cases; i++) {
    const error = drawError(random, plants);
    reporter.report(error, {
      transport: plants.foreign(),
      operation: 'send',
      headers: plants.foreign(),
    } as never);
    metrics.begin('rest', 'send').fail(new Error(plants.foreign()));
    outputs.push(...throughSinks(random, plants));
    // Of the batch that goes out by itself, and of the one that goes with the page.
    if (i === cases >> 1) await reporter.flush();
  }
  outputs.push(
    ['reports', JSON.stringify(reporter.reports)],
    ['summary', JSON.stringify(reporter.summary())],
  );
  page.hide();
  reporter.dispose();
  for (const body of page.posted)
    outputs.push(['posted', typeof body === 'string' ? body : await body.text()]);
  const snapshot = metrics.snapshot({ waiting: 0, failed: 0, oldestMs: undefined });
  outputs.push(['metrics', JSON.stringify(snapshot)]);
  outputs.push(['otlp', JSON.stringify(toOtlp(snapshot, { instance: 'x', startedAt: 0 }))]);
  for (const undo of undos) undo();
  return { outputs, runs, secrets };
}

/** What a page gets to see beside reports: lines of the log, of the console, and errors with all they hold. */
function throughSinks(random: Random, { known, foreign }: Plants): Outputs {
  const outputs: Outputs = [];
  const lines: string[] = [];
  const { log } = resolveSettings({
    serverUrl: 'https://h.example',
    tenantId: 'acme',
    token: 'x',
    logger: (level, line) => void lines.push(level + line),
  });
  log('info', known());
  outputs.push(['logger', lines.join()], ['redact', redact(known())], ['console', printed(random, known())]);
  const errors = [
    () =>
      parseErrorResponse(
        pick(random, [400, 401, 500]),
        pick(random, ['application/json', 'text/html']),
        foreign(),
      ),
    () =>
      parseErrorResponse(400, 'application/json', JSON.stringify({ error: foreign(), message: foreign() })),
    () => hubEventError(foreign()),
    () => hubCompletionError(new Error(known())),
    () => hubLossError(new Error(known()), 1006, () => random.next()),
    () =>
      new RealtimeError('network', 'No answer.', {
        cause: harmlessCause(new TypeError(known(), { cause: foreign() })),
      }),
    () => errorFromDetails({ code: foreign(), message: foreign() }),
  ];
  const error = pick(random, errors)();
  outputs.push(['error', inspect(error)], ['details', JSON.stringify(errorDetails(error))]);
  return outputs;
}

/** What stands in a browser's or in Node's console after a listener has thrown. */
function printed(random: Random, message: string): string {
  const told: unknown[] = [];
  const { error: print } = console;
  console.error = (...parts: unknown[]) => void told.push(...parts);
  if (random.chance(0.5)) globalThis.reportError = (error: unknown) => void told.push(error);
  const thrown = pick(random, [message, new Error(message, { cause: message })]);
  reportUnheard(thrown);
  console.error = print;
  Reflect.deleteProperty(globalThis, 'reportError');
  return told.map((one) => (typeof one === 'string' ? one : inspect(one))).join();
}

/** A page with secrets in its address, which keeps what is posted from it. */
class Page {
  readonly posted: (string | Blob)[] = [];
  readonly environment: Environment;
  #listeners = new Set<(event: LifecycleEvent) => void>();

  constructor(random: Random, { foreign }: Plants) {
    const part = () => encodeURIComponent(foreign());
    const href = `https://user:${part()}@shop.example/reset/${part()}?${part()}=${part()}#${part()}`;
    this.environment = defaultEnvironment({
      random: () => random.next(),
      setTimer: () => () => {},
      location: { href, hostname: 'shop.example' },
      fetch: async (_url, init) => {
        this.posted.push(init?.body as string);
        return new Response('{}');
      },
      sendBeacon: (_url, body) => this.posted.push(body) > 0,
      onLifecycle: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    });
  }

  hide(): void {
    for (const listener of this.#listeners) listener('hidden');
  }
}

/** The first run of 8 characters of a secret in `text`, in whatever case and also when it is decoded. */
function firstLeak(text: string, runs: ReadonlySet<string>): string | undefined {
  const decoded = text.replace(/%([2-7][\da-f])/gi, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  for (const form of decoded === text ? [text] : [text, decoded]) {
    const lower = form.toLowerCase();
    for (let i = 0; i + RUN <= lower.length; i++) {
      const run = lower.slice(i, i + RUN);
      if (runs.has(run)) return run;
    }
  }
  return undefined;
}
