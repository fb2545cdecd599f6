import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '../../support/wait.ts';
import { lasting, type Scene } from './scenes.ts';
import type { Guest, Stage, Watch } from './stage.ts';

/** What came of one run. Times in milliseconds, from the end of the fault. */
export interface RunResult {
  /** From the fault until the client left the state in which it was well; `undefined` if it never did. */
  readonly noticedMs: number | undefined;
  /** Until the page was well for good; 0 if it never seemed otherwise. */
  readonly liveMs: number;
  /** The same from the first event that the page got after the end, if any. */
  readonly liveAfterEventMs: number | undefined;
  /** Until everything said meanwhile was shown, and everything written was stored and answered. */
  readonly completeMs: number;
  readonly missing: readonly string[];
  readonly twice: readonly string[];
  /** What the status said from the fault on, in order. */
  readonly words: readonly string[];
}

const LIVE_LIMIT_MS = 120_000;
/** What would show twice shows a moment later. */
const AFTERMATH_MS = 500;

/** Plays `scene` before a new visitor. */
export async function runScene(stage: Stage, scene: Scene, run: number): Promise<RunResult> {
  const { wellState = 'live', isAway = false, isServerGone = false } = scene;
  await stage.server.control({ fault: 'reset' });
  await scene.prepare?.(stage);
  const guest = await stage.open(`${scene.name.toLowerCase().replace(/\W+/g, '-')}-${run}@example.com`);
  try {
    await guest.visitor.finds('textarea');
    await guest.reaches(wellState);
    await guest.publish('Before');
    await guest.visitor.sees('Before');

    const told = ['Before'];
    const written: string[] = [];
    const tell = async (text: string) => {
      told.push(text);
      await guest.publish(text);
    };
    const write = async (text: string) => {
      written.push(text);
      await guest.visitor.write(text);
    };
    const struckAt = Date.now();
    await scene.strike(guest);
    if (!isServerGone) await tell('Said at once');
    if (!isAway) await write('Written meanwhile');
    await lasting(scene);
    if (!isServerGone) await tell('Said last');
    // What needs no lift is over once it has struck.
    const liftedAt = scene.lift ? await scene.lift(guest).then(() => Date.now()) : struckAt;
    if (isServerGone) await tell('Said when it was back');
    if (isAway) await write('Written afterwards');

    const completeAt = await complete(guest, told, written);
    await guest.reaches(wellState, LIVE_LIMIT_MS);
    await tell('Afterwards');
    await guest.visitor.sees('Afterwards');
    await pause(AFTERMATH_MS);
    const watch = await guest.watch();
    return {
      ...recovery(watch, wellState, struckAt, liftedAt),
      completeMs: completeAt - liftedAt,
      ...(await accounts(guest, told, written)),
      words: wordsSince(watch, struckAt),
    };
  } finally {
    await guest.leave();
  }
}

/** Waits until everything is there; what still is not after the limit is found by {@link accounts}. */
async function complete(guest: Guest, told: readonly string[], written: readonly string[]): Promise<number> {
  const wanted = [...told, ...written, ...written.map((text) => `Echo: ${text}`)];
  const isThere = async () => {
    const bubbles = await guest.visitor.bubbles();
    return wanted.every((text) => bubbles.includes(text));
  };
  await waitFor(isThere, 'everything shown', LIVE_LIMIT_MS).catch(() => undefined);
  return Date.now();
}

/** Asks the server and the page for everything. */
async function accounts(guest: Guest, told: readonly string[], written: readonly string[]) {
  const [stored, bubbles] = [await guest.stored(), await guest.visitor.bubbles()];
  const count = (texts: readonly (string | null)[], wanted: string) =>
    texts.filter((text) => text === wanted).length;
  const missing: string[] = [];
  const twice: string[] = [];
  const check = (label: string, times: number) => {
    if (times === 0) missing.push(label);
    if (times > 1) twice.push(label);
  };
  for (const text of [...told, ...written, ...written.map((question) => `Echo: ${question}`)]) {
    check(`shown: ${text}`, count(bubbles, text));
  }
  for (const text of written) check(`stored: ${text}`, count(stored, text));
  return { missing, twice };
}

function recovery({ states, events }: Watch, wellState: string, struckAt: number, liftedAt: number) {
  const left = states.find(({ at, state }) => at >= struckAt && state !== wellState);
  const last = states.findLast(({ state }) => state === wellState);
  const wellAt = last && last.at >= struckAt ? last.at : liftedAt;
  const event = events.find(({ at, type }) => at >= liftedAt - 50 && EVENTS.test(type));
  return {
    noticedMs: left && left.at - struckAt,
    liveMs: Math.max(0, wellAt - liftedAt),
    liveAfterEventMs: event && Math.max(0, wellAt - event.at),
  };
}

/** Events that tell a page that the world may have changed for the better. */
const EVENTS = /^(online|pageshow|resume|visibilitychange|woke)/;

function wordsSince({ words }: Watch, since: number): string[] {
  const before = words.findLast(({ at }) => at < since);
  return [...(before ? [before] : []), ...words.filter(({ at }) => at >= since)].map((each) => each.words);
}
