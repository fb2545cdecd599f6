import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { errorFromDetails } from '../protocol/error-details.ts';
import type { Environment } from './environment.ts';
import type { TabMessage } from './tab-channel.ts';

type Answer = Extract<TabMessage, { kind: 'answer' }>;

interface PendingCall {
  readonly method: string;
  readonly args: readonly unknown[];
  /** The leadership it was sent to; `undefined` while nobody leads. */
  term: string | undefined;
  resolve(value: unknown): void;
  reject(error: RealtimeError): void;
}

/** Calls of this tab to the leader that have no answer yet. */
export class TabCalls {
  readonly #environment: Environment;
  readonly #post: (message: TabMessage) => void;
  readonly #pending = new Map<string, PendingCall>();

  /** `post` may throw a RealtimeError, with which the call is then rejected. */
  constructor(environment: Environment, post: (message: TabMessage) => void) {
    this.#environment = environment;
    this.#post = post;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** Calls the leader of `term`, or whoever leads next. Rejects with `network` after `deadlineMs`. */
  call(
    term: string | undefined,
    method: string,
    args: readonly unknown[],
    deadlineMs: number,
  ): Promise<unknown> {
    const id = this.#environment.uuid();
    return new Promise((resolve, reject) => {
      const late = () => pending.reject(unanswered());
      const cancel: Undo = this.#environment.setTimer(late, deadlineMs);
      const done = () => {
        cancel();
        this.#pending.delete(id);
      };
      const pending: PendingCall = {
        method,
        args,
        term: undefined,
        resolve: (value) => {
          done();
          resolve(value);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
      this.#pending.set(id, pending);
      if (term !== undefined) this.#send(id, pending, term);
    });
  }

  /** `term` leads now, or nobody: what went to another is lost, what waited for a leader goes. */
  leaderIs(term: string | undefined): void {
    for (const [id, pending] of [...this.#pending]) {
      if (pending.term === term) continue;
      if (pending.term !== undefined) pending.reject(unanswered());
      else if (term !== undefined) this.#send(id, pending, term);
    }
  }

  settle({ id, value, error }: Answer): void {
    const pending = this.#pending.get(id);
    if (error === undefined) pending?.resolve(value);
    else pending?.reject(errorFromDetails(error));
  }

  /** Rejects everything with `error`. */
  fail(error: RealtimeError): void {
    for (const pending of [...this.#pending.values()]) pending.reject(error);
  }

  #send(id: string, pending: PendingCall, term: string): void {
    pending.term = term;
    try {
      this.#post({ kind: 'call', id, term, method: pending.method, args: pending.args });
    } catch (reason) {
      pending.reject(RealtimeError.from(reason, 'network', 'The other tab could not be asked.'));
    }
  }
}

function unanswered(): RealtimeError {
  return new RealtimeError('network', 'The tab that has the connection did not answer.');
}
