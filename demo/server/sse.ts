import type { ServerResponse } from 'node:http';
import type { Faults } from './faults.ts';
import type { FeedOutlet } from './feed.ts';
import { SlowPipe } from './slow-pipe.ts';
import type { StoredMessage } from './store.ts';
import { escapedJson, preciseTimestamp, sseItem } from './wire.ts';

export interface StreamRequest {
  tenantId: string;
  workflowId: string;
  /** Lower case. */
  participantId: string;
  /** `null`: all topics. */
  scope: string | null;
  heartbeatMs: number;
}

/** The open event streams. */
export class SseStreams implements FeedOutlet {
  readonly #streams = new Set<SseStream>();
  readonly #faults: Faults;
  readonly #listeners: () => number;

  /** `otherListeners` counts who else listens to the feed: the real server's `subscriberCount` is not people. */
  constructor(faults: Faults, otherListeners: () => number) {
    this.#faults = faults;
    this.#listeners = () => this.#streams.size + otherListeners();
  }

  get size(): number {
    return this.#streams.size;
  }

  open(response: ServerResponse, request: StreamRequest): void {
    const stream = new SseStream(response, request, this.#faults, this.#listeners);
    this.#streams.add(stream);
    response.once('close', () => {
      stream.stop();
      this.#streams.delete(stream);
    });
  }

  deliver(message: StoredMessage): void {
    for (const stream of this.#streams) {
      const { workflowId, scope, participantId } = stream.request;
      if (message.workflowId !== workflowId || (scope !== null && message.scope !== scope)) continue;
      // The real server's filter compares participants too, but in a way that is always true.
      if (this.#faults.get('strict-sse') && message.participantId !== participantId) continue;
      stream.event(message.messageType, sseItem(message));
    }
  }

  /** Participants that listen to `workflowId`. */
  participants(workflowId: string): string[] {
    return [...this.#streams].flatMap(({ request }) =>
      request.workflowId === workflowId ? [request.participantId] : [],
    );
  }

  /** Writes `text` to every stream as it is. Returns how many there are. */
  inject(text: string): number {
    for (const stream of this.#streams) stream.write(text);
    return this.#streams.size;
  }

  /** Cuts one stream or all, without a word. Returns how many. */
  drop(which: 'one' | 'all'): number {
    const victims = [...this.#streams].slice(0, which === 'one' ? 1 : undefined);
    for (const stream of victims) stream.destroy();
    return victims.length;
  }
}

/** One stream. */
class SseStream {
  readonly request: StreamRequest;
  readonly #response: ServerResponse;
  readonly #pipe: SlowPipe;
  readonly #heartbeat: NodeJS.Timeout;
  /** Only with `short-lives`. */
  readonly #end: NodeJS.Timeout | undefined;

  constructor(response: ServerResponse, request: StreamRequest, faults: Faults, listeners: () => number) {
    this.request = request;
    this.#response = response;
    this.#pipe = new SlowPipe((text) => void response.write(text), faults, 'stall-sse');
    const { workflowId, participantId, tenantId, heartbeatMs } = request;
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache',
      Connection: 'keep-alive',
      // Listed origins have had theirs set already; this one lets an EventSource in from anywhere.
      ...(response.hasHeader('Access-Control-Allow-Origin') ? {} : { 'Access-Control-Allow-Origin': '*' }),
    });
    response.flushHeaders();
    response.socket?.setTimeout(0);
    response.socket?.setNoDelay(true);
    this.event('connected', {
      message: 'Connected to message stream',
      workflowId,
      participantId,
      tenantId,
      timestamp: preciseTimestamp(Date.now()),
    });
    this.#heartbeat = setInterval(
      () =>
        this.event('heartbeat', { timestamp: preciseTimestamp(Date.now()), subscriberCount: listeners() }),
      heartbeatMs,
    );
    const lifeMs = faults.get('short-lives');
    if (lifeMs !== false) this.#end = setTimeout(() => this.destroy(), lifeMs);
  }

  event(name: string, data: object): void {
    this.write(`event: ${name}\ndata: ${escapedJson(data)}\n\n`);
  }

  write(text: string): void {
    this.#pipe.write(text);
  }

  stop(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#end);
    this.#pipe.close();
  }

  destroy(): void {
    this.#response.destroy();
  }
}
