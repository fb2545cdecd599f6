import type { Message } from '../../src/client.ts';
import type { Attempt, Look } from './journal.ts';
import type { Entry } from './ledger.ts';
import type { StoredMessage } from './server.ts';
import type { Tab } from './tab.ts';
import type { World } from './world.ts';

export type ViolationKind =
  | 'lost' // accepted, and nowhere to be found
  | 'stuck' // still waits long after everything is well
  | 'duplicate' // stored twice although a look should have prevented it
  | 'double-send' // two tabs send one message at a time
  | 'order' // stored in another order than it was written in
  | 'text' // stored with another text, or under another request id
  | 'shown-twice'
  | 'shown-order'
  | 'foreign' // another person's message shown, or row touched
  | 'missing' // said to be complete, but the server has more
  | 'failed-but-stored' // shown as failed although history holds it
  | 'hangs' // `send()` settles too late
  | 'leak' // something is left after dispose()
  | 'unhandled';

export interface Violation {
  readonly kind: ViolationKind;
  readonly detail: string;
  readonly at: number;
}

/** Less than a page: older messages are shown on demand only. */
const SURELY_LOADED = 45;
/** An attempt begins at most so long after it was recorded. */
const CLAIM_LIMIT_MS = 2_000;
/** An attempt is recorded just before it is made: what a read of history brings in that moment comes too late for it. */
const RECORD_MS = 50;
/** Whoever takes over looks twice, with at least this in between. */
const SOONEST_RESEND_MS = 2_000;
/** Long enough for whatever is stored to be shown. */
const ARRIVAL_MS = 4_000;
const SEND_LIMIT_MS = 10_000;
/** What was given up is looked for this often, in case an attempt still arrives. */
const LATE_LOOK_MS = 31_000;
/** A message that is stored this long after every attempt was held up on the way. */
const LATE_MS = 5_000;
const LONG_JUMP_MS = 6 * 24 * 3_600_000;

export function isConnected({ client }: Tab): boolean {
  return client.status.state === 'live' || client.status.state === 'degraded';
}

/** A message goes out: nobody else who is awake may just be sending it. */
export function checkAttempt(world: World, attempt: Attempt): void {
  const tab = world.opened.find(({ name }) => name === attempt.tab);
  const { process, since = 0 } = (tab && world.storage.senderOf(tab.options.participant)) ?? {};
  const isOverdue = world.time.now - since > CLAIM_LIMIT_MS;
  // Where nobody is named, a tab may send what it could not store.
  if (process && isOverdue && process !== tab?.process && world.storage.holds(attempt.requestId)) {
    const words = `${attempt.tab} sends ${attempt.requestId} long after ${process.name} took over`;
    world.violate('double-send', words);
  }
  for (const other of world.journal.attempts) {
    if (other.requestId !== attempt.requestId || other.tab === attempt.tab) continue;
    if (other.settledAt !== undefined || attempt.startedAt - other.startedAt >= SOONEST_RESEND_MS) continue;
    const sender = world.opened.find(({ name }) => name === other.tab);
    if (sender?.process.state === 'running') {
      world.violate('double-send', `${attempt.tab} sends ${attempt.requestId} while ${other.tab} does`);
    }
  }
}

/** A tab says that it has everything. */
export function checkComplete(world: World, tab: Tab): void {
  const from = tab.syncedFrom ?? 0;
  checkShown(world, tab, (message) => message.storedAt <= from);
}

/** What must hold at any time. */
export function checkTabs(world: World): void {
  for (const tab of world.alive) {
    const { participant } = tab.options;
    for (const messages of tab.shown()) {
      const seen = new Set<string>();
      for (const message of messages) {
        const keys =
          message.author === 'participant' ? [message.id, `own ${message.requestId}`] : [message.id];
        for (const key of keys) {
          if (seen.has(key)) world.violate('shown-twice', `${tab.name} shows ${key} twice: ${message.text}`);
          seen.add(key);
        }
        // Until a token came, a page need not know whose messages it writes.
        const isKnown = message.participantId === participant || message.id.startsWith('local:');
        const isOwn = isKnown && message.text?.startsWith(participant);
        if (!isOwn) world.violate('foreign', `${tab.name} of ${participant} shows ${message.text}`);
        if (JSON.stringify(message).includes('must-not-be-shown')) {
          world.violate('foreign', `${tab.name} holds the origin of ${message.text}`);
        }
        const entry = world.ledger.of(message.text);
        if (entry && message.delivery?.state === 'failed') entry.hasFailed = true;
      }
      checkShownOrder(world, tab, messages);
    }
  }
}

/** What must hold when every fault is over and everything had its time. */
export function checkEnd(world: World): void {
  const { ledger, server, alive } = world;
  for (const entry of ledger.entries) {
    const copies = ledger.copies(entry, server.stored);
    checkContent(world, entry, copies);
    checkFate(world, entry, copies);
    if (!server.options.deduplicates) checkDuplicates(world, entry);
  }
  checkOrder(world);
  const { now } = world.time;
  for (const tab of alive) {
    // A tab that was signed out from elsewhere shows nothing, and does not say that it does.
    const { state } = tab.client.status;
    if (state === 'idle' && world.hasSignedOut(tab.options.participant)) continue;
    if (!isConnected(tab)) world.violate('stuck', `${tab.name} is ${state} although all is well`);
    else checkShown(world, tab, (message) => message.storedAt <= now - ARRIVAL_MS);
  }
}

function checkContent(world: World, entry: Entry, copies: readonly StoredMessage[]): void {
  for (const copy of copies) {
    if (!entry.texts.includes(copy.text))
      world.violate('text', `stored "${copy.text}", not ${entry.texts.join(' or ')}`);
    if (entry.requestId !== undefined && copy.requestId !== entry.requestId) {
      world.violate('text', `#${entry.number} is stored as ${copy.requestId}, not as ${entry.requestId}`);
    }
    if (
      copy.participantId !== entry.participant ||
      copy.workflowId !== entry.workflowId ||
      copy.scope !== entry.scope
    ) {
      world.violate('foreign', `#${entry.number} is stored in another conversation`);
    }
  }
}

function checkFate(world: World, entry: Entry, copies: readonly StoredMessage[]): void {
  const tab = world.opened.find(({ name }) => name === entry.tab);
  const name = `#${entry.number} of ${entry.tab}`;
  if (entry.acceptedAt === undefined && entry.refused === undefined && tab?.isAlive) {
    world.violate('hangs', `${name} was never settled`);
  }
  if (entry.acceptedAt === undefined) return;
  if (entry.acceptedAt - entry.calledAt > SEND_LIMIT_MS && !world.wasFrozen(entry.tab)) {
    world.violate('hangs', `${name} took ${entry.acceptedAt - entry.calledAt} ms`);
  }
  const shown = world.alive
    .filter(({ options }) => options.participant === entry.participant)
    .flatMap((one) => one.shown().flat())
    .filter((message) => message.requestId === entry.requestId && message.author === 'participant');
  const failed = shown.find(({ delivery }) => delivery?.state === 'failed');
  if (copies.length > 0) {
    const isOld = copies.some(({ storedAt }) => storedAt < world.time.now - LATE_LOOK_MS);
    if (failed && isOld)
      world.violate('failed-but-stored', `${name} is shown as failed: ${failed.delivery?.reason}`);
    return;
  }
  if (entry.withdrawn || failed) return;
  const waiting = shown.find(({ delivery }) => delivery && delivery.state !== 'sent');
  if (waiting)
    return world.violate('stuck', `${name} is ${waiting.delivery?.state}: ${waiting.delivery?.reason}`);
  const mayBeGone = !entry.persisted && !tab?.isAlive;
  if (!mayBeGone && world.furthestJumpMs < LONG_JUMP_MS) {
    world.violate('lost', `${name}, accepted with persisted=${entry.persisted}`);
  }
}

/**
 * A server that stores every copy gets a second one only if the first was not there yet at the last look that its sender
 * took before.
 */
function checkDuplicates(world: World, entry: Entry): void {
  if (entry.requestId === undefined) return;
  const attempts = world.journal.attempts.filter(
    ({ requestId, copies }) => requestId === entry.requestId && copies.length > 0,
  );
  if (attempts.length > 1) world.duplicates++;
  for (const [index, later] of attempts.entries()) {
    for (const earlier of attempts.slice(0, index)) {
      if (earlier === later) continue;
      const look = world.journal.looks.findLast((one) => precedes(one, entry, earlier, later));
      const copy = earlier.copies[0];
      const words = `#${entry.number}: ${later.tab} resent at ${later.startedAt.toFixed(0)} what ${earlier.tab} began at ${earlier.startedAt.toFixed(0)}`;
      if (!look) world.violate('duplicate', `${words}, without a look`);
      else if (copy && copy.storedAt <= (look.snapshotAt ?? 0)) {
        world.violate(
          'duplicate',
          `${words}, stored at ${copy.storedAt.toFixed(0)}, although a look at ${look.snapshotAt?.toFixed(0)} had it`,
        );
      }
    }
  }
}

/** Whether `look` lies between two attempts, at the place where the message would be, by whoever sends it again. */
function precedes(look: Look, entry: Entry, earlier: Attempt, later: Attempt): boolean {
  return (
    look.tab === later.tab &&
    look.participantId === entry.participant &&
    look.workflowId === entry.workflowId &&
    look.scope === entry.scope &&
    look.page === 1 &&
    look.deliveredAt !== undefined &&
    look.deliveredAt <= later.startedAt - RECORD_MS &&
    (look.snapshotAt ?? 0) >= earlier.startedAt
  );
}

/** First copies in the order of writing, within a conversation and priority. */
function checkOrder(world: World): void {
  const first = new Map<Entry, number>();
  for (const message of world.server.stored) {
    const entry = message.direction === 'Incoming' ? world.ledger.of(message.text) : undefined;
    if (entry && !first.has(entry)) first.set(entry, first.size);
  }
  const entries = [...first.keys()].filter(
    ({ hasFailed, persisted, withdrawn }) => persisted && !hasFailed && !withdrawn,
  );
  for (const [index, later] of entries.entries()) {
    for (const earlier of entries.slice(0, index)) {
      if (isWrittenBefore(later, earlier)) {
        world.violate(
          'order',
          `#${earlier.number} of ${earlier.tab} was stored before #${later.number} of ${later.tab}`,
        );
      }
    }
  }
}

function isWrittenBefore(one: Entry, other: Entry): boolean {
  const isSameStream =
    one.participant === other.participant &&
    one.workflowId === other.workflowId &&
    one.scope === other.scope &&
    one.priority === other.priority;
  if (!isSameStream) return false;
  return one.tab === other.tab ? one.number < other.number : (one.acceptedAt ?? Infinity) < other.calledAt;
}

function checkShownOrder(world: World, tab: Tab, messages: readonly Message[]): void {
  const dated = messages.filter(({ id }) => !id.startsWith('local:'));
  for (const [index, message] of dated.entries()) {
    const previous = dated[index - 1];
    if (previous && previous.createdAt > message.createdAt) {
      world.violate('shown-order', `${tab.name} shows ${message.text} after ${previous.text}`);
    }
  }
}

/** No channel tells of a message of the participant that arrives when its page has closed or its writer has signed out. */
function arrivedLate(world: World, { requestId, storedAt }: StoredMessage): boolean {
  const attempts = world.journal.attempts.filter((attempt) => attempt.requestId === requestId);
  return attempts.every(({ startedAt }) => storedAt - startedAt > LATE_MS);
}

/** Every message of the server that `matters` is shown. */
function checkShown(world: World, tab: Tab, matters: (message: StoredMessage) => boolean): void {
  for (const conversation of tab.conversations) {
    // Just signed out: nothing that it shows is said to be certain.
    if (conversation.loading === 'initial' && world.hasSignedOut(tab.options.participant)) continue;
    const shown = conversation.messages;
    const ids = new Set(
      shown.flatMap(({ id, requestId, author }) => (author === 'agent' ? [id] : [id, `own ${requestId}`])),
    );
    const query = {
      workflowId: conversation.workflowId,
      participantId: tab.options.participant,
      scope: conversation.topic ?? null,
      page: 1,
      pageSize: SURELY_LOADED,
    };
    for (const message of world.server.history(query).filter(matters)) {
      if (message.direction === 'Incoming' && arrivedLate(world, message)) continue;
      const isShown =
        ids.has(message.id) || (message.direction === 'Incoming' && ids.has(`own ${message.requestId}`));
      if (!isShown) world.violate('missing', `${tab.name} says it is complete but lacks ${message.text}`);
    }
  }
}
