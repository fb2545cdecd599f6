import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { inTime } from './in-time.ts';
import type { Random } from './random.ts';
import { Stage } from './stage.ts';
import { TabGone, type PageKill, type Tab } from './tab.ts';
import { judge, type Verdict } from './verdict.ts';

type Kill = PageKill | 'browser';

/** One run: how many kills, and whether the network suffers besides. */
export interface KillRunOptions {
  readonly random: Random;
  readonly kills: number;
  /** Latency, stalls, resets, cuts and refusals come and go on the way to the server. */
  readonly faulty: boolean;
  /** Stops killing after this time and judges what has been. */
  readonly limitMs: number;
  readonly onProgress?: (line: string) => void;
}

export interface KillRunResult extends Verdict {
  readonly kills: Readonly<Record<Kill, number>>;
  readonly typed: number;
  /** Still waiting in the last page when its time was over: not stored, not lost. */
  readonly waiting: number;
  readonly seconds: number;
}

const DRAIN_MS = 180_000;

/**
 * Writes messages into a chat by the keyboard and kills the page or the browser at random instants, over and over; in the
 * end leaves a page alone until the server has everything, and compares. The server never deduplicates.
 */
export async function runKills(options: KillRunOptions): Promise<KillRunResult> {
  const { random, kills, faulty, limitMs, onProgress } = options;
  const stage = await Stage.start();
  const startedAt = performance.now();
  const done: Record<Kill, number> = { crash: 0, close: 0, browser: 0 };
  let typed = 0;
  try {
    for (let round = 0; round < kills && performance.now() - startedAt < limitMs; round++) {
      const how = random.weighted<Kill>([
        [40, 'crash'],
        [25, 'close'],
        [35, 'browser'],
      ]);
      const tab = stage.tabs[0] ?? (await stage.openTab());
      // From before the page is there to after it has sent several.
      const lifeMs = random.chance(0.2) ? random.between(0, 400) : random.between(400, 2_500);
      // Between storing and saying so is where a kill hurts most.
      const delayMs = random.chance(0.5) ? random.between(0, 600) : 0;
      await stage.server.control({ fault: 'delay-processed', ms: delayMs });
      const over = new AbortController();
      const kill = async () => {
        await delay(lifeMs);
        if (how === 'browser') await stage.killBrowser();
        else await tab.kill(how);
        over.abort();
      };
      const all = Promise.all([
        write(tab, random, () => `m${String(++typed).padStart(5, '0')}`),
        faulty && spoil(stage, random, over.signal),
        kill(),
      ]);
      await inTime(all, `round ${round} (${how} after ${lifeMs} ms)`);
      done[how]++;
      await stage.proxy.heal();
      onProgress?.(`${round + 1} kills, ${stage.ledger.accepted.length} accepted`);
    }
    const waiting = await drain(stage);
    const verdict = judge(stage.ledger, await stage.server.report(), (text) => ({
      writer: 'visitor',
      // A text that was in the field when the page died stands before the next one: it is the draft.
      number: Number(text.slice(-5)),
    }));
    return { ...verdict, kills: done, typed, waiting, seconds: (performance.now() - startedAt) / 1000 };
  } finally {
    await stage.stop();
  }
}

/** Writes until the page is gone. */
async function write(tab: Tab, random: Random, nextText: () => string): Promise<void> {
  try {
    await tab.ready();
    while (!tab.isGone) {
      await tab.write(nextText());
      await delay(random.between(0, 400));
    }
  } catch (error) {
    if (!(error instanceof TabGone)) throw error;
  }
}

/** Those of the proxy, and what a server may do to one message. */
const FAULTS = [
  'latency',
  'stall',
  'reset',
  'cut',
  'refuse',
  'half-open',
  'store-then-drop',
  'store-then-500',
  'drop-before-store',
] as const;

/** Something is wrong with the network from some time on, until it is healed. */
async function spoil({ proxy, server }: Stage, random: Random, over: AbortSignal): Promise<void> {
  const atMs = random.between(0, 1_500);
  const direction = random.pick(['up', 'down'] as const);
  const fault = random.pick(FAULTS);
  const [latencyMs, bytes] = [random.between(20, 600), random.between(0, 3_000)];
  await Promise.race([delay(atMs), once(over, 'abort')]);
  if (over.aborted) return;
  if (fault === 'latency') proxy.latency(latencyMs);
  else if (fault === 'stall') proxy.stall(direction);
  else if (fault === 'reset') proxy.reset();
  else if (fault === 'cut') proxy.cutAfter(bytes, direction);
  else if (fault === 'refuse') proxy.refuse();
  else if (fault === 'half-open') proxy.halfOpen();
  else await server.control({ fault });
}

/** Leaves one page alone until nothing waits there. Resolves with how many still do when the time is over. */
async function drain(stage: Stage): Promise<number> {
  await stage.server.control({ fault: 'delay-processed', ms: 0 });
  await stage.proxy.heal();
  const tab = await stage.openTab();
  await tab.ready();
  const deadline = performance.now() + DRAIN_MS;
  for (;;) {
    const waiting = (await tab.pending()) ?? 0;
    if (performance.now() > deadline || (waiting === 0 && (await isComplete(stage)))) return waiting;
    await delay(50);
  }
}

/** Whether the server has every message that was accepted, or a page has shown it as failed. */
async function isComplete({ server, ledger }: Stage): Promise<boolean> {
  const stored = new Set((await server.report()).stored.map(({ requestId }) => requestId));
  return ledger.accepted.every(({ requestId, failed }) => failed || stored.has(requestId));
}
