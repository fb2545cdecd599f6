import type { Faults, ReadFault, SendFault } from './faults.ts';
import type { Journal } from './journal.ts';
import type { Random } from './random.ts';
import type { SimulatedServer } from './server.ts';
import type { Process, VirtualTime } from './virtual-time.ts';

/** Something that holds a connection to the server. */
export interface Connection {
  readonly tab: Process;
  /** Ends now; both ends notice. */
  cut(): void;
  /** Carries nothing any more; nobody notices. */
  strand(): void;
  /** The hub says Close. Only hub connections can. */
  hubClose?(allowReconnect: boolean, code: number): void;
}

const FASTEST_MS = 3;
const SLOWEST_MS = 90;

/** The way between the tabs and the server, and what is wrong with it. */
export class Network {
  readonly connections = new Set<Connection>();
  readonly time: VirtualTime;
  readonly random: Random;
  readonly server: SimulatedServer;
  readonly faults: Faults;
  readonly journal: Journal;

  constructor(parts: {
    time: VirtualTime;
    random: Random;
    server: SimulatedServer;
    faults: Faults;
    journal: Journal;
  }) {
    this.time = parts.time;
    this.random = parts.random;
    this.server = parts.server;
    this.faults = parts.faults;
    this.journal = parts.journal;
  }

  isInForce(fault: 'down' | 'blackHole' | 'noSockets' | 'noStreams' | 'silent' | 'noTokens'): boolean {
    return this.time.now < this.faults[fault];
  }

  /** Milliseconds that the next packet takes, one way. */
  delayMs(): number {
    const extra = this.time.now < this.faults.slow ? this.faults.slowMs : 0;
    return this.random.between(FASTEST_MS, SLOWEST_MS) + extra;
  }

  /** Takes `run` to the other side, unless the way swallows it. `gate`: whose code it is. */
  carry(run: () => void, delayMs: number, gate?: Process): void {
    if (this.isInForce('blackHole')) return;
    this.time.schedule(() => !this.isInForce('blackHole') && run(), delayMs, gate);
  }

  nextSend(): { readonly kind: SendFault; readonly ms: number } | undefined {
    return this.faults.sends.shift();
  }

  nextRead(): { readonly kind: ReadFault; readonly ms: number } | undefined {
    return this.faults.reads.shift();
  }

  cutAll(): void {
    for (const connection of [...this.connections]) connection.cut();
  }

  strandAll(): void {
    for (const connection of [...this.connections]) connection.strand();
  }

  /** The process of these connections is gone. */
  cutOf(tab: Process): void {
    for (const connection of [...this.connections]) {
      if (connection.tab !== tab) continue;
      connection.cut();
      this.connections.delete(connection);
    }
  }
}
