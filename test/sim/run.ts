import type { Product } from './product.ts';
import type { Command, Schedule } from './schedule.ts';
import { fullWorkflow } from './server.ts';
import { CONVERSATIONS, type Tab, type TabOptions } from './tab.ts';
import type { Violation } from './invariants.ts';
import { ACCOUNTS, STRANGER, World } from './world.ts';

/** What one schedule came to. */
export interface Outcome {
  readonly violations: readonly Violation[];
  readonly accepted: number;
  /** Messages stored more than once, all of them explained unless there is a violation. */
  readonly duplicates: number;
  /** Virtual milliseconds. */
  readonly lasted: number;
  readonly steps: number;
  readonly lines: readonly string[];
}

const SETTLE_MS = 30 * 60_000;
/** Milliseconds between a page that goes and the same page coming back. */
const RELOAD_MS = 200;

/** Runs one schedule from an empty world to its end. */
export async function runSchedule(product: Product, schedule: Schedule, isVerbose = false): Promise<Outcome> {
  const world = new World(product, schedule);
  world.isVerbose = isVerbose;
  world.begin();
  try {
    let at = 0;
    world.time.schedule(() => world.open({ participant: ACCOUNTS[0], isNamed: true, storage: 'allowed' }), 0);
    for (const command of schedule.commands) {
      at += command.after;
      world.time.schedule(() => {
        world.log(`* ${JSON.stringify(command)}`);
        perform(world, command);
      }, at);
    }
    while (world.time.now < at) await world.pass(Math.min(3_000, at - world.time.now));
    await world.pass(1);
    for (const participant of new Set(world.opened.map(({ options }) => options.participant))) {
      const isOpen = world.alive.some(
        (tab) => tab.options.participant === participant && tab.options.storage === 'allowed',
      );
      if (!isOpen)
        world.time.schedule(() => world.open({ participant, isNamed: true, storage: 'allowed' }), 0);
    }
    await world.pass(1);
    await world.settle(SETTLE_MS);
    await world.close();
  } finally {
    world.end();
  }
  return {
    violations: world.violations,
    accepted: world.ledger.entries.filter(({ acceptedAt }) => acceptedAt !== undefined).length,
    duplicates: world.duplicates,
    lasted: world.time.now,
    steps: world.time.steps,
    lines: world.lines,
  };
}

function perform(world: World, command: Command): void {
  const { time, faults, network } = world;
  const until = (ms: number) => time.now + ms;
  switch (command.do) {
    case 'open':
      if (world.alive.length < 4) {
        const { account, named, storage } = command;
        world.open({ participant: ACCOUNTS[account] ?? ACCOUNTS[0], isNamed: named, storage });
      }
      return;
    case 'sleep':
      return sleep(world, command.ms, command.counts);
    case 'clock':
      world.clockErrorMs += command.ms;
      world.furthestJumpMs = Math.max(world.furthestJumpMs, Math.abs(command.ms));
      return;
    case 'offline':
      return goOffline(world, command.ms);
    case 'down':
      network.cutAll();
      faults.down = until(command.ms);
      return;
    case 'blackHole':
      network.strandAll();
      faults.blackHole = until(command.ms);
      return;
    case 'noSockets':
      network.cutAll();
      faults.noSockets = until(command.ms);
      return;
    case 'noStreams':
      network.cutAll();
      faults.noSockets = faults.noStreams = until(command.ms);
      return;
    case 'silent':
      faults.silent = until(command.ms);
      return;
    case 'noTokens':
      faults.noTokens = until(command.ms);
      return;
    case 'slow':
      faults.slow = until(command.ms);
      faults.slowMs = command.extra;
      return;
    case 'sluggish':
      world.sluggish = until(command.ms);
      world.sluggishMs = command.extra;
      return;
    case 'cut':
      return network.cutAll();
    case 'strand':
      return network.strandAll();
    case 'expire-tokens':
      world.server.generation++;
      return;
    case 'hub-close':
      for (const connection of [...network.connections])
        connection.hubClose?.(command.reconnect, command.code);
      return;
    case 'send-fault':
      for (let i = 0; i < command.count; i++) faults.sends.push({ kind: command.kind, ms: command.ms });
      return;
    case 'read-fault':
      for (let i = 0; i < command.count; i++) faults.reads.push({ kind: command.kind, ms: command.ms });
      return;
    case 'storage':
      world.storage.faults[command.kind] = until(command.ms);
      return;
    case 'stranger':
    case 'crowd':
      return others(world, command.do, command.to);
    default: {
      const tab = world.alive[command.tab % Math.max(1, world.alive.length)];
      if (tab) performOn(world, tab, command);
    }
  }
}

type TabCommand = Extract<Command, { tab: number }>;

function performOn(world: World, tab: Tab, command: TabCommand): void {
  switch (command.do) {
    case 'send':
      for (let i = 0; i < command.count; i++) tab.send(command.to, command.priority);
      return;
    case 'kill':
      return tab.kill();
    case 'reload':
      tab.kill();
      world.time.schedule(
        () => world.open({ ...tab.options, storage: 'allowed' } satisfies TabOptions),
        RELOAD_MS,
      );
      return;
    case 'close':
      return tab.dispose();
    case 'hide':
    case 'show':
      return tab.show(command.do === 'show');
    case 'freeze':
      return freeze(world, tab, command.ms, command.told);
    case 'retry-now':
      return tab.act(async () => tab.client.retryNow());
    case 'retry-all':
      return tab.retryAll();
    case 'discard':
    case 'retry':
    case 'edit':
      return tab.decide(command.do, command.pick);
    case 'draft':
      return tab.draft(command.to);
    case 'logout':
      return tab.logout();
  }
}

function freeze(world: World, tab: Tab, ms: number, told: boolean): void {
  if (told) tab.tell('frozen');
  // One more moment: what the page does when it is told still happens.
  world.time.schedule(
    () => {
      world.freeze(tab);
      world.endLater(() => tab.thaw(told), ms);
    },
    told ? 1 : 0,
  );
}

/** The machine sleeps: its connections are gone when it wakes, and its timers late. */
function sleep(world: World, ms: number, counts: boolean): void {
  const { alive, time } = world;
  const from = time.now;
  for (const tab of alive) world.freeze(tab);
  world.endLater(() => {
    const sleptMs = time.now - from;
    if (!counts) world.sleptMs += sleptMs;
    if (sleptMs > 10_000) world.network.strandAll();
    for (const tab of alive) time.thaw(tab.process);
  }, ms);
}

function goOffline(world: World, ms: number): void {
  const { alive, time, faults, network } = world;
  network.cutAll();
  faults.down = Math.max(faults.down, time.now + ms);
  world.isOnline = false;
  for (const tab of alive) tab.tell('offline');
  world.endLater(() => {
    world.isOnline = true;
    for (const tab of world.alive) tab.tell('online');
  }, ms);
}

/** Others write where the visitor does: a stranger once, or the agent so much that a page of history is full. */
function others(world: World, kind: 'stranger' | 'crowd', to: number): void {
  const { workflow, topic } = CONVERSATIONS[to % CONVERSATIONS.length]!;
  const participantId = kind === 'stranger' ? STRANGER : ACCOUNTS[0];
  for (let i = 0; i < (kind === 'stranger' ? 2 : 55); i++) {
    world.server.store({
      requestId: `other-${world.server.stored.length}`,
      participantId,
      workflowId: fullWorkflow(workflow),
      scope: topic ?? null,
      direction: 'Outgoing',
      text: `${participantId} is told ${i}`,
    });
  }
}
