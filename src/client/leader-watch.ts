import type { Undo } from '../protocol/emitter.ts';
import type { Environment } from './environment.ts';

/** Between two signs of life that a follower asks for. */
const PING_MS = 2_500;
/** Without a sign of life for this long, a leader is taken to be frozen. */
const SILENCE_MS = 5_000;
/** A timer that comes later than this says that this tab was frozen itself: silence proves nothing then. */
const LATE_MS = 1_000;

export interface LeaderWatchPorts {
  readonly environment: Environment;
  /** Whether the next sign of life has to be asked for, too. */
  isNeeded(): boolean;
  /** Asks for a sign of life. */
  ping(): void;
  /** None came. The watch is over then. */
  onSilence(): void;
}

/** Notices that the leader is frozen: it asks for signs of life, from `start()` on and as long as that is needed. */
export class LeaderWatch {
  readonly #ports: LeaderWatchPorts;
  #lastSign = -Infinity;
  #cancelPing: Undo | undefined;
  #cancelSilence: Undo | undefined;

  constructor(ports: LeaderWatchPorts) {
    this.#ports = ports;
  }

  get isRunning(): boolean {
    return this.#cancelPing !== undefined;
  }

  /** Asks now, and again until there is an answer. */
  start(): void {
    if (!this.isRunning) this.#lastSign = this.#ports.environment.monotonicNow();
    this.#ask();
  }

  /** The leader gave a sign of life. */
  heard(): void {
    const { environment, isNeeded } = this.#ports;
    this.stop();
    this.#lastSign = environment.monotonicNow();
    if (!isNeeded()) return;
    // Spread, so that of many followers one asks; all hear the answer.
    const waitMs = PING_MS * (0.9 + 0.2 * environment.random());
    this.#cancelPing = environment.setTimer(() => this.#ask(), waitMs);
  }

  stop(): void {
    this.#cancelPing?.();
    this.#cancelSilence?.();
    this.#cancelPing = this.#cancelSilence = undefined;
  }

  #ask(): void {
    const { environment, ping } = this.#ports;
    const now = environment.monotonicNow();
    this.#cancelPing?.();
    this.#cancelPing = environment.setTimer(() => this.#ask(), PING_MS);
    if (!this.#cancelSilence) {
      // This tab did not listen for a while: it begins to now.
      if (now - this.#lastSign >= SILENCE_MS) this.#lastSign = now;
      const due = this.#lastSign + SILENCE_MS;
      this.#cancelSilence = environment.setTimer(() => this.#onDue(due), due - now);
    }
    ping();
  }

  #onDue(due: number): void {
    this.#cancelSilence = undefined;
    if (this.#ports.environment.monotonicNow() - due > LATE_MS) return this.#ask();
    this.stop();
    this.#ports.onSilence();
  }
}
