import { HubPeer } from './hub.ts';
import type { Connection, Network } from './network.ts';
import type { Process } from './virtual-time.ts';

const FIN_TIMEOUT_MS = 10_000;

/** The participant that a token of the simulation names, if the server still takes it. */
export function participantOf(network: Network, token: string | null): string | undefined {
  const [, payload = ''] = token?.split('.') ?? [];
  try {
    const { sub, generation } = JSON.parse(atob(payload)) as { sub: string; generation: number };
    return generation >= network.server.generation ? sub : undefined;
  } catch {
    return undefined; // no token at all
  }
}

/** The `WebSocket` class of one tab: the browser's interface, as far as the client uses it. */
export function webSocketOf(network: Network, tab: Process): typeof WebSocket {
  class SimulatedWebSocket extends EventTarget implements Connection {
    readonly tab = tab;
    readyState: 0 | 1 | 2 | 3 = 0;
    #peer: HubPeer | undefined;
    #upAt = 0;
    #downAt = 0;
    #isStranded = false;

    constructor(url: string) {
      super();
      network.connections.add(this);
      void this.#open(new URL(url));
    }

    send(text: string): void {
      if (this.readyState !== 1) throw new DOMException('Not open.', 'InvalidStateError');
      noteAttempts(network, tab, text);
      if (this.#isStranded) return;
      this.#upAt = Math.max(this.#upAt, network.time.now + network.delayMs());
      const peer = this.#peer;
      network.carry(() => !this.#isStranded && peer?.receive(text), this.#upAt - network.time.now);
    }

    close(): void {
      if (this.readyState >= 2) return;
      const wasOpen = this.readyState === 1;
      this.readyState = 2;
      const reachable = wasOpen && !this.#isStranded && !network.isInForce('blackHole');
      const peer = this.#peer;
      if (reachable) network.time.schedule(() => peer?.over(), network.delayMs());
      const waitMs = !wasOpen ? 0 : reachable ? 2 * network.delayMs() : FIN_TIMEOUT_MS;
      network.time.schedule(() => this.#closed(reachable ? 1000 : 1006), waitMs, tab);
    }

    /** The peer writes. */
    deliver(text: string, onDelivered?: () => void): void {
      if (this.#isStranded) return;
      this.#downAt = Math.max(this.#downAt, network.time.now + network.delayMs());
      const arrive = () => {
        if (this.#isStranded || this.readyState !== 1) return;
        onDelivered?.();
        this.dispatchEvent(Object.assign(new Event('message'), { data: text }));
      };
      network.carry(arrive, this.#downAt - network.time.now, tab);
    }

    end(code: number): void {
      this.#peer?.over();
      this.#downAt = Math.max(this.#downAt, network.time.now + network.delayMs());
      network.carry(() => !this.#isStranded && this.#closed(code), this.#downAt - network.time.now, tab);
    }

    cut(): void {
      this.#peer?.over();
      const wasStranded = this.#isStranded;
      this.#isStranded = true;
      if (!wasStranded) network.time.schedule(() => this.#closed(1006), network.random.between(0, 30), tab);
    }

    strand(): void {
      this.#isStranded = true;
    }

    /** For commands of the schedule: the hub closes it. */
    hubClose(allowReconnect: boolean, code: number): void {
      this.#peer?.close(allowReconnect, code);
    }

    async #open(url: URL): Promise<void> {
      const { time } = network;
      const refused = network.isInForce('down') || network.isInForce('noSockets');
      if (refused) {
        time.schedule(() => this.#closed(1006), network.delayMs(), tab);
        return;
      }
      network.carry(() => {
        const participant = participantOf(network, url.searchParams.get('access_token'));
        const answer = () => {
          if (this.readyState !== 0 || this.#isStranded) return;
          if (!participant) return this.#closed(1006);
          this.readyState = 1;
          this.#peer = new HubPeer(network, this, participant);
          this.dispatchEvent(new Event('open'));
        };
        network.carry(answer, network.delayMs(), tab);
      }, network.delayMs());
    }

    #closed(code: number): void {
      if (this.readyState === 3) return;
      this.readyState = 3;
      this.#peer?.over();
      network.connections.delete(this);
      for (const attempt of network.journal.attempts) {
        if (attempt.tab === tab.name && attempt.via === 'hub') attempt.settledAt ??= network.time.now;
      }
      if (code !== 1000) this.dispatchEvent(new Event('error'));
      this.dispatchEvent(Object.assign(new Event('close'), { code }));
    }
  }
  return SimulatedWebSocket as unknown as typeof WebSocket;
}

/** Writes down the messages that leave with `text`. */
function noteAttempts(network: Network, tab: Process, text: string): void {
  if (!text.includes('SendInboundMessage')) return;
  for (const part of text.split('\x1e').slice(0, -1)) {
    const record = JSON.parse(part) as { target?: string; arguments?: { requestId?: string }[] };
    const requestId = record.arguments?.[0]?.requestId;
    if (record.target !== 'SendInboundMessage' || requestId === undefined) continue;
    network.journal.attempt({ requestId, tab: tab.name, via: 'hub', startedAt: network.time.now });
  }
}
