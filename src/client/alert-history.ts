import { backoff } from '../protocol/backoff.ts';
import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Message } from '../protocol/types.ts';
import type { Environment } from './environment.ts';
import { readBack, type HistoryReader } from './history-reader.ts';

/** What {@link AlertHistory} needs from its owner. */
export interface AlertHistoryPorts {
  readonly environment: Environment;
  readonly workflow: string;
  readonly topic?: string | undefined;
  readonly participantId: string;
  /** Where history is read from now. */
  reader(): HistoryReader;
  /** Whether a read that failed matters: it is told and repeated. Otherwise the stream is down too, and says so. */
  isRepeated(): boolean;
  onMessages(messages: readonly Message[]): void;
  /** The first failure since the last success, of those that matter. */
  onError(error: RealtimeError): void;
}

const PAGE = 100;
const PAGES = 3;
const REACH_MS = 86_400_000;

/** Reads from history what a stream may have missed: a day, or 300 messages. One read at a time. */
export class AlertHistory {
  readonly #ports: AlertHistoryPorts;
  #reading: AbortController | undefined;
  #isDue = false;
  #failures = 0;
  #cancelRepeat: Undo | undefined;

  constructor(ports: AlertHistoryPorts) {
    this.#ports = ports;
  }

  /** Reads now, or once more after the read that is under way: that one may have begun before what it should find. */
  read(): void {
    this.#isDue = true;
    this.#cancelRepeat?.();
    if (!this.#reading) void this.#run((this.#reading = new AbortController()));
  }

  /** Ends what is under way and planned. */
  stop(): void {
    this.#cancelRepeat?.();
    this.#reading?.abort();
    this.#reading = undefined;
    this.#isDue = false;
    this.#failures = 0;
  }

  async #run(reading: AbortController): Promise<void> {
    const { signal } = reading;
    while (this.#isDue && !signal.aborted) {
      this.#isDue = false;
      await this.#readOnce(signal);
    }
    if (this.#reading === reading) this.#reading = undefined;
  }

  async #readOnce(signal: AbortSignal): Promise<void> {
    const { environment, workflow, topic, participantId, reader, onMessages, onError, isRepeated } =
      this.#ports;
    const query = { workflow, topic, participantId, pageSize: PAGE, signal };
    const since = environment.now() - REACH_MS;
    try {
      const { messages } = await readBack(
        reader(),
        query,
        PAGES,
        ([oldest]) => !oldest || oldest.createdAt < since,
      );
      if (signal.aborted) return;
      this.#failures = 0;
      onMessages(messages);
    } catch (reason) {
      if (signal.aborted) return;
      const error = RealtimeError.from(reason, 'network', 'Missed alerts could not be read.');
      if (!isRepeated()) return;
      if (this.#failures++ === 0) onError(error);
      this.#planRepeat(error.retryAfterMs);
    }
  }

  #planRepeat(retryAfterMs: number | undefined): void {
    const { environment } = this.#ports;
    const options = {
      random: () => environment.random(),
      hidden: !environment.isVisible(),
      retryAfterMs,
    };
    // Never at once: what failed just now is asked by others too.
    this.#cancelRepeat = environment.setTimer(() => this.read(), backoff(this.#failures, options));
  }
}
