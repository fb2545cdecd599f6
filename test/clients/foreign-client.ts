import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { waitFor } from '../support/wait.ts';

/** What a client prints: see demo/clients/README.md. */
export interface Line {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** Enough for a loaded machine, but less than what clients wait before they read everything again anyway. */
const DEADLINE_MS = 20_000;

/** Lines that a client has printed, in order, and waiting for more of them. */
export class Transcript {
  readonly lines: Line[] = [];

  /** Takes a line of output; what is not JSON stays visible in a failure. */
  add(text: string): void {
    let line: Line;
    try {
      line = JSON.parse(text) as Line;
    } catch {
      line = { type: 'not JSON', text };
    }
    this.lines.push(line);
  }

  of(type: string): Line[] {
    return this.lines.filter((line) => line.type === type);
  }

  /** Every version of an incident that was printed. */
  versions(id: string): Record<string, unknown>[] {
    const told = this.of('incident').map(({ incident }) => incident as Record<string, unknown>);
    return told.filter((incident) => incident['id'] === id);
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    await waitFor(condition, what, DEADLINE_MS).catch((error: unknown) => {
      const last = this.lines
        .slice(-12)
        .map((line) => JSON.stringify(line))
        .join('\n');
      throw new Error(`${what}; the last lines are:\n${last}`, { cause: error });
    });
  }

  /** Waits until there are `count` lines of a type, and returns the last of them. */
  async nth(type: string, count: number): Promise<Line> {
    await this.until(`${count} lines of ${type}`, () => this.of(type).length >= count);
    return this.of(type)[count - 1]!;
  }

  async tells(id: string, member: string, value: unknown): Promise<void> {
    const isTold = () => this.versions(id).some((incident) => incident[member] === value);
    await this.until(`${member} ${String(value)} of an incident`, isTold);
  }
}

/** A client in a process of its own. */
export class ForeignClient {
  readonly transcript = new Transcript();
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | string>;

  constructor(command: readonly string[], env: Readonly<Record<string, string>>) {
    const [program = '', ...args] = command;
    this.#child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface(stream).on('line', (line) => this.transcript.add(line));
    }
    this.#exit = once(this.#child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
    this.#exit.catch((error: unknown) => this.transcript.add(String(error)));
  }

  /** Its exit code, or the signal that ended it. */
  ended(): Promise<number | string> {
    return this.#exit;
  }

  /** Asks it to leave, and waits until it has. */
  leave(): Promise<number | string> {
    this.#child.kill('SIGTERM');
    return this.#exit;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit.catch(() => undefined);
  }
}
