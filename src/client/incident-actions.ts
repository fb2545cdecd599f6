import type { Undo } from '../protocol/emitter.ts';
import { errorFromDetails } from '../protocol/error-details.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Incident, IncidentAction, IncidentCapabilities } from '../protocol/incident.ts';
import { Dispatcher } from '../queue/dispatcher.ts';
import { Outbox, type OutboxEvents, type OutboxRecord } from '../queue/outbox.ts';
import { setWaitingMark } from '../queue/waiting-mark.ts';
import type { IncidentSource } from '../transports/incident-source.ts';
import { type Environment, sharesTabs } from './environment.ts';
import { ActionAttempts } from './incident-action-attempt.ts';
import { checkAction, checkCapable, type Seen, type StoredAction } from './incident-action-check.ts';
import { PendingActions } from './incident-action-pending.ts';
import { ActionTurn } from './incident-action-turn.ts';
import { ActionWaiters } from './incident-action-waiters.ts';
import { applyAction, isDone } from './incident-optimistic.ts';
import type { ActionReceipt, PendingAction } from './incident-types.ts';

/** What actions need from the client that they belong to. */
export interface IncidentActionPorts {
  readonly environment: Environment;
  /** Whose actions, as `actionsAccount()` names it; `undefined` until that is known. */
  account(): string | undefined;
  /** `undefined` while no request can be made. Whenever that changes, {@link IncidentActions.wake} is to be called. */
  source(): IncidentSource | undefined;
  /** What the server can do; `undefined` before it was asked. */
  capabilities(): IncidentCapabilities | undefined;
  /** The incident as the server told of it last, without what actions would make of it. */
  current(id: string): Incident | undefined;
  /** After a refused credential. Resolves with whether there is another one now. Absent: there never is. */
  renew?(): Promise<boolean>;
  /** {@link IncidentActions.pending} is another list. */
  onChange(): void;
  /** The server told how an incident is; before the action that asked leaves {@link IncidentActions.pending}. */
  onApplied(incident: Incident): void;
  /** A failure that no call reports. */
  onError(error: RealtimeError): void;
}

/** In the outbox, where chat messages have the name of a workflow. */
const WORKFLOW = 'incidents';
/** What waited longer is about an incident that is another one by then. */
const TTL_MS = 3_600_000;
/** Failed actions are forgotten after a day. */
const FAILED_MS = 86_400_000;
/** How long a tab may send without word, where the browser has no locks: longer than any attempt takes. */
const LEASE_MS = 45_000;
/** Before a tab that was overtaken looks whether it may send again. */
const RETURN_MS = 1_000;
/** How often storage is looked at for what another tab left there, and for what is too old; while anything waits. */
const UPKEEP_MS = 30_000;

/**
 * What people do about incidents, on its way to the server: kept on this device before anything else happens, sent once there
 * is a connection, one after another for each incident, by one tab at a time. What cannot be done stays for a day as failed,
 * with why.
 */
export class IncidentActions {
  readonly #ports: IncidentActionPorts;
  readonly #outbox: Outbox;
  readonly #dispatcher: Dispatcher;
  readonly #attempts: ActionAttempts;
  readonly #pending: PendingActions;
  readonly #waiters: ActionWaiters;
  readonly #undos: readonly Undo[];
  #turn: ActionTurn | undefined;
  /** It is this tab's turn to send. */
  #isMine = false;
  #wasConnected = false;
  #isFrozen = false;
  #isDisposed = false;
  /** Account and content of the mark that was last set. */
  #marked: string | undefined;
  #cancelUpkeep: Undo | undefined;
  #cancelReturn: Undo | undefined;

  constructor(ports: IncidentActionPorts) {
    this.#ports = ports;
    const { environment } = ports;
    this.#attempts = new ActionAttempts({
      environment,
      source: () => ports.source(),
      capabilities: () => ports.capabilities(),
      onRead: (incident) => ports.onApplied(incident),
    });
    this.#outbox = new Outbox({
      environment,
      limits: { messages: 200, ttlMs: TTL_MS, deadLetters: 50, deadTtlMs: FAILED_MS },
      ...(!sharesTabs(environment) && { leaseMs: LEASE_MS }),
    });
    this.#dispatcher = new Dispatcher(this.#outbox, {
      environment,
      // The way without the second between two requests that chats owe their server: a person does not do that much.
      route: () => (this.#isConnected ? 'hub' : undefined),
      send: (record) => this.#attempts.send(record),
      canVerify: () => this.#isConnected,
      isStored: (record) => this.#attempts.isStored(record),
      renewCredential: () => this.#renew(),
      onError: (error) => ports.onError(error),
      onFenced: () => this.#return(),
    });
    this.#pending = new PendingActions(this.#outbox, {
      isConnected: () => this.#isConnected,
      onChange: () => ports.onChange(),
    });
    this.#waiters = new ActionWaiters(environment);
    this.#undos = [
      this.#outbox.on('change', (change) => this.#onRecord(change)),
      this.#outbox.on('note', (note) => this.#turn?.post(note)),
      this.#outbox.on('error', (error) => ports.onError(error)),
      environment.onLifecycle((event) => {
        if (event === 'frozen') this.#freeze();
        else if (event === 'resumed') this.#thaw();
      }),
    ];
    this.#wasConnected = this.#isConnected; // no news to whoever is still making this
    this.wake();
  }

  /** In the order in which they were asked for. A new array after every change; unchanged items keep identity. */
  get pending(): readonly PendingAction[] {
    return this.#pending.list;
  }

  /** See `IncidentFeed.act`. The same action, asked for again while it is under way, is the same action. */
  async act(given: IncidentAction): Promise<ActionReceipt> {
    if (this.#isDisposed) throw disposed();
    const action = checkAction(given);
    checkCapable(action, this.#ports.capabilities());
    this.wake();
    const same = this.#pending.find(action);
    const id = same ?? this.#ports.environment.uuid();
    const waiting = this.#waiters.wait(id);
    if (same === undefined) this.#begin(id, action);
    this.#review();
    return waiting;
  }

  /** Forgets an action that waits or failed. `false`: it is under way or gone. */
  discard(id: string): Promise<boolean> {
    return this.#outbox.discard(id);
  }

  /** Sends a failed action again, as a new decision: also where others have changed the incident since the first one. */
  async retry(id: string): Promise<boolean> {
    this.#attempts.insist(id);
    const isThere = await this.#outbox.retry(id);
    this.wake(true);
    return isThere;
  }

  /** The connection came or went, or the account became known. `now`: pauses after failures end, too. */
  wake(now = false): void {
    if (this.#isDisposed) return;
    const isConnected = this.#isConnected;
    const isNews = isConnected !== this.#wasConnected;
    this.#wasConnected = isConnected;
    this.#openAccount();
    this.#review();
    if (isNews) this.#pending.changed();
    if (isConnected && (isNews || now)) this.#dispatcher.wake(true);
  }

  /** Forgets everything of the person, on this device and in its tabs. Rejects with `storage` when that is impossible. */
  async forget(): Promise<void> {
    const { localStorage } = this.#ports.environment;
    const { account } = this.#outbox;
    const turn = this.#turn;
    if (localStorage && account !== undefined) setWaitingMark(localStorage, account, false);
    const purging = this.#outbox.purge(); // which tells the other tabs
    turn?.close();
    this.#turn = undefined;
    this.#isMine = false;
    await Promise.all([purging, this.#dispatcher.stop()]);
  }

  /** Lets go of everything; what waits stays on this device. Idempotent. */
  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#planUpkeep();
    await this.#rest();
    this.#dispatcher.dispose();
    for (const id of this.#waiters.ids) {
      if (this.#outbox.get(id)?.persisted) this.#waiters.settle(id, 'queued');
      else this.#waiters.fail(id, disposed());
    }
    await this.#outbox.close();
    this.#turn?.close();
    for (const undo of this.#undos) undo();
  }

  get #isConnected(): boolean {
    return !this.#isFrozen && !this.#isDisposed && this.#ports.source() !== undefined;
  }

  /** Whether this tab has a reason to be the one that sends. */
  get #wantsTurn(): boolean {
    return this.#isConnected && this.#hasWaiting;
  }

  get #hasWaiting(): boolean {
    return this.#outbox.size > this.#outbox.failed;
  }

  /** Shows the action at once, and what becomes of it once it is stored. */
  #begin(id: string, action: IncidentAction): void {
    const { environment } = this.#ports;
    const incident = this.#expected(action.id);
    if (this.#isConnected && (!incident || fits(incident, action))) this.#attempts.trust(id);
    this.#pending.begin({ id, action, at: environment.now() });
    const storing = this.#outbox.enqueue({
      id,
      conversation: action.id,
      workflow: WORKFLOW,
      message: { type: 'Data', data: { action, seen: incident && seenOf(incident) } satisfies StoredAction },
      after: incident?.updatedAt,
    });
    storing
      .then(
        () => this.#review(),
        (reason: unknown) =>
          this.#waiters.fail(id, RealtimeError.from(reason, 'storage', 'The action could not be kept.')),
      )
      .finally(() => this.#pending.end(id));
  }

  /** The incident as it will be when everything before has been done. */
  #expected(id: string): Incident | undefined {
    const incident = this.#ports.current(id);
    return incident && this.#pending.of(id).reduce(applyAction, incident);
  }

  #openAccount(): void {
    const { environment, account, onError } = this.#ports;
    const name = account();
    if (name === undefined || (name === this.#turn?.account && name === this.#outbox.account)) return;
    this.#turn?.close();
    this.#isMine = false;
    this.#marked = undefined;
    void this.#dispatcher.stop();
    const turn = new ActionTurn({
      environment,
      account: name,
      onTurn: () => this.#onTurn(),
      onLost: () => {
        this.#isMine = false;
        void this.#dispatcher.stop();
        this.#return();
      },
      onNote: (note) => this.#outbox.receiveNote(note),
      onError,
    });
    this.#turn = turn;
    turn.open();
    void this.#outbox.open(name).then(() => {
      this.#mark();
      this.#review();
    });
  }

  #onTurn(): void {
    this.#isMine = true;
    this.#review();
    // Once it has found the pauses that were left on what waits: a new connection is a reason to try now.
    queueMicrotask(() => this.#dispatcher.wake(true));
  }

  /** Does what follows from how things stand. */
  #review(): void {
    for (const id of this.#waiters.ids) if (this.#mustWait(id)) this.#waiters.settle(id, 'queued');
    this.#planUpkeep();
    if (!this.#wantsTurn) return void this.#rest();
    this.#turn?.want();
    if (this.#isMine) this.#dispatcher.start();
  }

  /** Whether an action that is stored will not be done in the next moments. */
  #mustWait(id: string): boolean {
    const record = this.#outbox.get(id);
    if (!record) return false;
    if (!this.#isConnected) return record.state !== 'sending' || !this.#isMine;
    return this.#outbox.list(record.conversation).some(({ nextAttemptAt }) => nextAttemptAt !== undefined);
  }

  /** Lets another tab have its turn. What is under way has a second to end. */
  async #rest(): Promise<void> {
    this.#cancelReturn?.();
    this.#cancelReturn = undefined;
    if (!this.#isMine) return this.#turn?.rest();
    const turn = this.#turn;
    await this.#dispatcher.stop();
    if (this.#wantsTurn && turn === this.#turn) return this.#review();
    this.#isMine = false;
    turn?.rest();
    for (const id of this.#waiters.ids) if (this.#mustWait(id)) this.#waiters.settle(id, 'queued');
  }

  /** Another tab sent meanwhile, as one may after a long sleep. If it is still this one's turn, it begins anew. */
  #return(): void {
    this.#cancelReturn?.();
    this.#cancelReturn = this.#ports.environment.setTimer(() => this.#review(), RETURN_MS);
  }

  /** Also without a connection, since what waits gets old all the same. */
  #planUpkeep(): void {
    if (this.#hasWaiting && !this.#isFrozen && !this.#isDisposed) {
      this.#cancelUpkeep ??= this.#ports.environment.setTimer(() => {
        this.#cancelUpkeep = undefined;
        this.#refresh();
        this.#outbox.expire().catch((error: unknown) => this.#fail(error));
        this.#planUpkeep();
      }, UPKEEP_MS);
    } else {
      this.#cancelUpkeep?.();
      this.#cancelUpkeep = undefined;
    }
  }

  /** Reads what other tabs may have written. */
  #refresh(): void {
    const { persisted } = this.#outbox;
    this.#outbox.refresh().catch((error: unknown) => {
      // Where storage does not work anyway, that is no news.
      if (persisted) this.#fail(error);
    });
  }

  #freeze(): void {
    this.#isFrozen = true;
    this.wake();
    this.#outbox.suspend();
    this.#turn?.close();
    this.#isMine = false;
  }

  #thaw(): void {
    if (!this.#isFrozen) return;
    this.#isFrozen = false;
    this.#outbox.resume();
    this.#turn?.open();
    this.#refresh();
    this.wake();
  }

  #onRecord({ record, event, here }: OutboxEvents['change']): void {
    const { id } = record;
    this.#mark();
    if (event === 'failed') {
      this.#attempts.end(id);
      this.#waiters.fail(id, errorFromDetails(record.error));
    } else if (event === 'discarded') {
      this.#attempts.end(id);
      this.#waiters.fail(id, new RealtimeError('closed', 'The action was discarded.'));
    } else if (event === 'sent' || event === 'missing') {
      this.#waiters.settle(id, this.#attempts.end(id) ? 'unneeded' : 'applied');
      if (!here) void this.#catchUp(record);
    }
    this.#pending.changed();
    this.#review();
  }

  /** Another tab had it done: the incident is read, and shown as it would be until that is known. */
  async #catchUp(record: OutboxRecord): Promise<void> {
    const source = this.#ports.source();
    if (!source) return;
    this.#pending.keep(record);
    try {
      const { incidents } = await source.read([record.conversation]);
      for (const incident of incidents) this.#ports.onApplied(incident);
    } catch {
      // Whoever keeps the incidents current sees it with the next look.
    } finally {
      this.#pending.end(record.id);
    }
  }

  /** Lets the next page know that something is kept, be it only to be shown as failed. */
  #mark(): void {
    const { localStorage } = this.#ports.environment;
    const { account, size } = this.#outbox;
    const mark = JSON.stringify([account, size > 0]);
    if (!localStorage || account === undefined || mark === this.#marked) return;
    if (setWaitingMark(localStorage, account, size > 0)) this.#marked = mark;
  }

  async #renew(): Promise<void> {
    if (await this.#ports.renew?.()) return;
    throw new RealtimeError('unauthorized', 'The server does not accept this sign-in.');
  }

  #fail(reason: unknown): void {
    this.#ports.onError(RealtimeError.from(reason, 'storage', 'The queue of actions could not be written.'));
  }
}

function disposed(): RealtimeError {
  return new RealtimeError('closed', 'The client has been disposed of.');
}

/** Whether the action makes sense, as far as is known here. Otherwise the incident is looked at before anything is sent. */
function fits(incident: Incident, action: IncidentAction): boolean {
  const mayBeDone = action.kind === 'reopen' || action.kind === 'comment';
  return !isDone(incident, action) && (mayBeDone || incident.phase !== 'done');
}

function seenOf({ severity, assignees }: Incident): Seen {
  return { severity, assignees };
}
