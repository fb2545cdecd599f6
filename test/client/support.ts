import { WebSocket } from 'ws';
import { defaultEnvironment, type Environment, type LifecycleEvent } from '../../src/client/environment.ts';
import { createHybridClient } from '../../src/client/hybrid-client.ts';
import type { Conversation, HybridClient, HybridClientOptions } from '../../src/client/types.ts';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import type { TestServer } from '../support/node-server.ts';
import { waitFor } from '../support/wait.ts';

export const ECHO = 'Echo Agent:Echo Flow';
export const KEY = 'sk-Xnai-dev';

/** An environment whose page life a test plays, and whose monotonic time runs `speed` times as fast, waits included. */
export interface TestEnvironment extends Environment {
  play(event: LifecycleEvent): void;
  online: boolean;
  /** Timers that are set and have not fired. */
  readonly pendingTimers: number;
}

export function testEnvironment(speed = 1): TestEnvironment {
  const listeners = new Set<(event: LifecycleEvent) => void>();
  const timers = new Set<NodeJS.Timeout>();
  const state = { online: true };
  const overrides: Partial<TestEnvironment> = {
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    setTimer: (callback, delayMs) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        callback();
      }, delayMs / speed);
      timers.add(timer);
      return () => {
        timers.delete(timer);
        clearTimeout(timer);
      };
    },
    monotonicNow: () => performance.now() * speed,
    shared: new Map(),
    isOnline: () => state.online,
    onLifecycle: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    play: (event) => {
      for (const listener of listeners) listener(event);
    },
    get pendingTimers() {
      return timers.size;
    },
    get online() {
      return state.online;
    },
    set online(value) {
      state.online = value;
    },
  };
  return defaultEnvironment(overrides) as TestEnvironment;
}

/** A client of `participantId` on the test's server, with the development key. */
export function clientOf(
  server: TestServer,
  options: Partial<HybridClientOptions> = {},
): HybridClient & { readonly errors: RealtimeError[] } {
  const { tokenUrl, getToken } = options;
  const client = createHybridClient({
    serverUrl: server.url,
    tenantId: 'acme',
    participantId: 'jane@example.com',
    environment: testEnvironment(),
    ...(tokenUrl || getToken ? {} : { apiKey: KEY }),
    ...options,
  });
  const errors: RealtimeError[] = [];
  client.on('error', (error) => errors.push(error));
  return Object.assign(client, { errors });
}

export function isLive(client: HybridClient): Promise<true> {
  return waitFor(() => client.state === 'live', `live, but it is ${client.state}`);
}

/** Texts shown, in order. */
export function texts(conversation: Conversation): (string | undefined)[] {
  return conversation.messages.map((message) => message.text);
}

export async function shows(conversation: Conversation, text: string): Promise<void> {
  await waitFor(
    () => texts(conversation).includes(text),
    `"${text}" in the conversation, which has ${JSON.stringify(texts(conversation))}`,
  );
}
