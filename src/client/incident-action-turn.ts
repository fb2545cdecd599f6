import { RealtimeError } from '../protocol/errors.ts';
import { type Environment, sharesTabs } from './environment.ts';
import { TabChannel, tabsName } from './tab-channel.ts';
import { TabLock } from './tab-lock.ts';
import { readTabNote } from './tab-notes.ts';

export interface ActionTurnPorts {
  readonly environment: Environment;
  /** Whose actions. */
  readonly account: string;
  /** From now on this tab is the one that sends. */
  onTurn(): void;
  /** It no longer is, and did not ask for that. */
  onLost(): void;
  /** Another tab says something about the outbox. */
  onNote(note: unknown): void;
  onError(error: RealtimeError): void;
}

/**
 * Whose turn it is, among the tabs of one account, to send what waits: a lock that is held only while there is something
 * to send, and a line on which they tell each other. Where the browser has no such things it is always this tab's turn, and
 * the outbox's own lease keeps the others away.
 */
export class ActionTurn {
  readonly account: string;
  readonly #ports: ActionTurnPorts;
  readonly #lock: TabLock | undefined;
  #channel: TabChannel | undefined;
  #isWanted = false;

  constructor(ports: ActionTurnPorts) {
    this.#ports = ports;
    this.account = ports.account;
    const { locks } = ports.environment;
    if (!locks || !sharesTabs(ports.environment)) return;
    this.#lock = new TabLock({
      locks,
      name: tabsName(ports.account),
      onHeld: () => ports.onTurn(),
      onLost: () => {
        this.#isWanted = false;
        ports.onLost();
      },
      // Each send is still fenced by the outbox.
      onFailed: (reason) => {
        this.#fail(reason);
        if (this.#isWanted) ports.onTurn();
      },
    });
  }

  /** Listens to the other tabs. */
  open(): void {
    const { BroadcastChannel, uuid } = this.#ports.environment;
    if (this.#channel || !BroadcastChannel) return;
    try {
      this.#channel = new TabChannel({
        BroadcastChannel,
        name: tabsName(this.account),
        tab: uuid(),
        onMessage: (message) => {
          const note = message.kind === 'note' ? readTabNote(message.note) : undefined;
          if (note?.type === 'outbox') this.#ports.onNote(note.note);
        },
      });
    } catch (reason) {
      this.#fail(reason);
    }
  }

  /** Takes its place in the line. `onTurn` follows, at once where nobody else is in it. */
  want(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    if (this.#lock) this.#lock.wait();
    else this.#ports.onTurn();
  }

  /** Leaves the line, or lets the next one have its turn. */
  rest(): void {
    this.#isWanted = false;
    this.#lock?.release();
  }

  /** Tells the other tabs. */
  post(note: unknown): void {
    try {
      this.#channel?.post({ kind: 'note', note: { type: 'outbox', note } });
    } catch (reason) {
      this.#fail(reason);
    }
  }

  /** Leaves the line and hears nothing any more; {@link open} begins anew. */
  close(): void {
    this.rest();
    this.#channel?.close();
    this.#channel = undefined;
  }

  #fail(reason: unknown): void {
    const words = 'This browser does not let the tabs of a page share what waits.';
    this.#ports.onError(RealtimeError.from(reason, 'unsupported', words));
  }
}
