import { setTimeout as delay } from 'node:timers/promises';
import type { ServerReport } from '../../support/node-server.ts';
import { inTime } from './in-time.ts';
import type { Random } from './random.ts';
import { Stage } from './stage.ts';
import { TabGone, type PageKill, type PageStop, type Tab } from './tab.ts';
import { judge, type Verdict } from './verdict.ts';

type Loss = PageKill | PageStop;
type Step = Loss | 'resume' | 'open';

export interface TabRunOptions {
  readonly random: Random;
  /** Most tabs open at once. */
  readonly tabs: number;
  readonly steps: number;
  /** Whether tabs also stop without being told, wherever they are: such a tab may hold up storage for all others. */
  readonly hangs: boolean;
  /** Stops after this time and judges what has been. */
  readonly limitMs: number;
  readonly onProgress?: (line: string) => void;
}

/** The tab that held the connection was lost, and when the next one had it. */
export interface HandOver {
  readonly how: Loss;
  /** Milliseconds from the loss to the first subscription of the next tab at the server; `undefined`: none in 30 s. */
  readonly connectedMs: number | undefined;
  /** Milliseconds from the loss to the first message stored that was written afterwards. */
  readonly storedMs: number | undefined;
}

/** A time at which more than one hub connection of the visitor was open. */
export interface Overlap {
  readonly ms: number;
  /** Whether one of them belonged to a tab that was stopped without being told, and so could not close it. */
  readonly isOfHungTab: boolean;
  readonly after: string;
}

export interface TabRunResult extends Verdict {
  readonly steps: Readonly<Record<Step, number>>;
  readonly written: number;
  /** Messages that their page did not say it had within 12 seconds of Enter. */
  readonly ignored: readonly string[];
  readonly waiting: number;
  readonly mostSockets: number;
  readonly socketsEver: number;
  readonly overlaps: readonly Overlap[];
  /** Request ids of which the server received more than one attempt, whatever it did with them. */
  readonly attemptedTwice: number;
  readonly handOvers: readonly HandOver[];
  /** What a tab showed that is not what the server has. */
  readonly shownWrongly: readonly string[];
  readonly seconds: number;
}

const ANSWER_MS = 12_000;
const HAND_OVER_MS = 30_000;
const SHOW_MS = 10_000;
const DRAIN_MS = 90_000;

/**
 * Opens, closes, crashes, freezes, hangs and thaws tabs of one visitor at random while messages are written in whichever
 * is in front, and compares with what the server saw. One connection and one sender for all is the promise.
 */
export async function runTabs(options: TabRunOptions): Promise<TabRunResult> {
  const { steps, limitMs, onProgress } = options;
  const stage = await Stage.start();
  const startedAt = performance.now();
  const crowd = new Crowd(stage, options);
  try {
    await crowd.fill();
    for (let count = 0; count < steps && performance.now() - startedAt < limitMs; count++) {
      await inTime(crowd.step(), `step ${count}, ${crowd.lastStep}`);
      onProgress?.(`${count + 1} steps, ${crowd.written} written, ${crowd.handOvers.length} hand-overs`);
    }
    const waiting = await inTime(crowd.settle(), 'the end');
    const report = await stage.server.report();
    const place = (text: string) => ({
      writer: text.split('-')[0] ?? '',
      number: Number(text.split('-')[1]),
    });
    return {
      ...judge(stage.ledger, report, place),
      steps: crowd.steps,
      written: crowd.written,
      ignored: crowd.ignored,
      waiting,
      mostSockets: stage.proxy.webSockets.most,
      socketsEver: stage.proxy.webSockets.ever,
      overlaps: crowd.overlaps,
      attemptedTwice: attemptedTwice(report),
      handOvers: crowd.handOvers,
      shownWrongly: await shownWrongly(stage),
      seconds: (performance.now() - startedAt) / 1000,
    };
  } finally {
    await stage.stop();
  }
}

/** The tabs of one visitor, and what happens to them. */
class Crowd {
  readonly steps: Record<Step, number> = { close: 0, crash: 0, frozen: 0, hung: 0, resume: 0, open: 0 };
  readonly handOvers: HandOver[] = [];
  readonly overlaps: Overlap[] = [];
  readonly ignored: string[] = [];
  written = 0;
  readonly #stage: Stage;
  readonly #random: Random;
  readonly #most: number;
  readonly #hangs: boolean;
  lastStep = 'start';

  constructor(stage: Stage, { random, tabs, hangs }: TabRunOptions) {
    this.#stage = stage;
    this.#random = random;
    this.#most = tabs;
    this.#hangs = hangs;
    this.#watchSockets();
  }

  /** Opens as many tabs as there may be. */
  async fill(): Promise<void> {
    while (this.#stage.tabs.length < this.#most) await this.#open();
  }

  /** One thing happens to one tab; around it somebody writes. */
  async step(): Promise<void> {
    if (this.#random.chance(0.6)) await this.#write();
    const step = this.#choose();
    this.steps[step]++;
    this.lastStep = step;
    if (step === 'open') await this.#open();
    else if (step === 'resume') await this.#random.pick(this.#stopped).resume();
    else await this.#lose(this.#victim(), step);
    await delay(this.#random.between(0, 500));
  }

  /** Thaws everything, and resolves with how many messages wait when nothing moves any more or the time is over. */
  async settle(): Promise<number> {
    for (const tab of this.#stopped) await tab.resume();
    if (this.#stage.tabs.length === 0) await this.#open();
    await this.#stage.tabs[0]?.show();
    const deadline = performance.now() + DRAIN_MS;
    for (;;) {
      const pending = await Promise.all(this.#stage.tabs.map((tab) => tab.pending()));
      const waiting = Math.max(0, ...pending.map((count) => count ?? 0));
      const stored = new Set((await this.#stage.server.report()).stored.map(({ requestId }) => requestId));
      const isComplete = this.#stage.ledger.entries.every(
        ({ requestId, failed }) => failed || stored.has(requestId),
      );
      if ((waiting === 0 && isComplete) || performance.now() > deadline) return waiting;
      await delay(50);
    }
  }

  get #awake(): Tab[] {
    return this.#stage.tabs.filter(({ stopped }) => !stopped);
  }

  get #stopped(): Tab[] {
    return this.#stage.tabs.filter(({ stopped }) => stopped);
  }

  #choose(): Step {
    const choices: [number, Step][] = [];
    if (this.#stage.tabs.length < this.#most) choices.push([this.#stage.tabs.length < 4 ? 100 : 25, 'open']);
    if (this.#stopped.length > 0) choices.push([5 * this.#stopped.length, 'resume']);
    if (this.#awake.length > 1) choices.push([25, 'close'], [12, 'crash'], [16, 'frozen']);
    if (this.#awake.length > 1 && this.#hangs) choices.push([6, 'hung']);
    return this.#random.weighted(choices);
  }

  /** Half of the time the one that all others depend on. */
  #victim(): Tab {
    const leader = this.#awake.find(({ hasSocket }) => hasSocket);
    return leader && this.#random.chance(0.5) ? leader : this.#random.pick(this.#awake);
  }

  async #open(): Promise<void> {
    await (await this.#stage.openTab()).ready();
  }

  async #lose(tab: Tab, how: Loss): Promise<void> {
    const isLeader = tab.hasSocket;
    const at = Date.now();
    if (how === 'close' || how === 'crash') await tab.kill(how);
    else await tab.stop(how);
    if (!isLeader || this.#awake.length === 0) return;
    const text = await this.#write();
    const deadline = performance.now() + HAND_OVER_MS;
    for (;;) {
      const { received, stored } = await this.#stage.server.report();
      const next = received.find(
        (entry) => entry.target === 'SubscribeToAgent' && Date.parse(entry.at) >= at,
      );
      const message = stored.find((each) => each.text === text);
      if ((next && (message || text === undefined)) || performance.now() > deadline) {
        this.handOvers.push({
          how,
          connectedMs: next && Date.parse(next.at) - at,
          storedMs: message && Date.parse(message.createdAt) - at,
        });
        return;
      }
      await delay(5);
    }
  }

  /** Somebody turns to a tab and writes there. Resolves with the text, once the page has said that it has it. */
  async #write(): Promise<string | undefined> {
    const tab = this.#random.pick(this.#awake);
    const text = `w${this.#stage.tabs.indexOf(tab)}-${++this.written}`;
    try {
      await tab.show();
      await tab.write(text);
    } catch (error) {
      if (error instanceof TabGone) return undefined;
      throw error;
    }
    const deadline = performance.now() + ANSWER_MS;
    while (!this.#stage.ledger.entries.some((entry) => entry.text === text)) {
      if (tab.isGone) return undefined;
      if (performance.now() > deadline) {
        this.ignored.push(`${text} (after ${this.lastStep})`);
        return undefined;
      }
      await delay(5);
    }
    return text;
  }

  #watchSockets(): void {
    let since: number | undefined;
    let isOfHungTab = false;
    this.#stage.proxy.onWebSockets = ({ open }) => {
      if (open > 1) {
        since ??= performance.now();
        isOfHungTab ||= this.#stopped.some(({ stopped, hasSocket }) => stopped === 'hung' && hasSocket);
      } else if (since !== undefined) {
        this.overlaps.push({ ms: performance.now() - since, isOfHungTab, after: this.lastStep });
        since = undefined;
        isOfHungTab = false;
      }
    };
  }
}

function attemptedTwice({ received }: ServerReport): number {
  const attempts = received.flatMap(({ target, method, path, requestId }) =>
    requestId && (target === 'SendInboundMessage' || (method === 'POST' && /\/send$/.test(path)))
      ? [requestId]
      : [],
  );
  return attempts.length - new Set(attempts).size;
}

/** Every tab shows the newest messages of the visitor, each once, in the server's order. */
async function shownWrongly(stage: Stage): Promise<string[]> {
  const wrong: string[] = [];
  for (const tab of stage.tabs) {
    await tab.show();
    const deadline = performance.now() + SHOW_MS;
    for (;;) {
      const { stored } = await stage.server.report();
      const truth = stored.flatMap(({ direction, text }) => (direction === 'Incoming' ? [text ?? ''] : []));
      const own = await tab.own();
      const expected = truth.slice(-own.length);
      if (own.length > 0 && own.join() === expected.join()) break;
      if (performance.now() > deadline) {
        wrong.push(`shown: ${own.join(' ')}\nstored: ${expected.join(' ')}`);
        break;
      }
      await delay(20);
    }
  }
  return wrong;
}
