import { RealtimeError } from '../protocol/errors.ts';
import type { Undo } from '../protocol/emitter.ts';
import type { Deadline } from '../protocol/deadline.ts';
import { harmlessCause } from '../protocol/harmless-text.ts';
import type { Settings } from './settings.ts';
import type { Credential, TransportEnvironment } from './transport.ts';

/** Until a request that nobody answers is made once more; twice as long each further time. */
const REPEAT_MS = 1_000;

/**
 * Asks the hub over plain HTTP for a connection. Resolves with the token that names it, or `undefined` where the server
 * does not let this page ask, which the WebSocket itself does not mind.
 *
 * Besides the token this tells, before a WebSocket is tried, whether anybody is there and takes the credential: a browser
 * hides from the page why a WebSocket did not open, and prints its address, credential included, to the console.
 *
 * Rejects with `unauthorized` or `forbidden` when the credential is refused, `network` or `timeout` when nobody answers,
 * `protocol` when something other than the server does.
 */
export async function negotiate(
  { serverUrl, tenantId, environment, credentials }: Settings,
  credential: Credential,
  deadline: Deadline,
): Promise<string | undefined> {
  const url = new URL(`${serverUrl}/ws/chat/negotiate`);
  url.search = new URLSearchParams({ tenantId, negotiateVersion: '1' }).toString();
  const common = { credentials: 'omit', cache: 'no-store' } as const;
  let answer: { readonly response: Response; readonly body: string };
  try {
    const headers = { Authorization: `Bearer ${credential.value}` };
    answer = await insist(environment, deadline, async (signal) => {
      const response = await environment.fetch(url, { method: 'POST', headers, ...common, signal });
      // Read to its end, so that the browser keeps the connection instead of aborting it.
      return { response, body: await response.text() };
    });
  } catch {
    // Either nobody is there, or the page's origin is not on the server's list. Whoever is there answers this.
    const ask = (signal: AbortSignal) =>
      environment.fetch(`${serverUrl}/health`, { mode: 'no-cors', ...common, signal });
    await reach(insist(environment, deadline, ask), deadline);
    return undefined;
  }
  const { response, body } = answer;
  if (response.status === 401 || response.status === 403) {
    const code = response.status === 401 ? 'unauthorized' : 'forbidden';
    const error = new RealtimeError(code, 'The server does not accept the credential.', {
      status: response.status,
    });
    credentials.judge(credential, error);
    throw error;
  }
  if (!response.ok) return undefined;
  return connectionToken(body);
}

/**
 * The first answer to `ask`, which is repeated beside itself while none comes: a connection that the browser has kept from
 * before may be dead, since the network is another one, and would swallow one request after the other without a word.
 */
async function insist<Answer>(
  environment: TransportEnvironment,
  deadline: Deadline,
  ask: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const stop = new AbortController();
  let cancel: Undo = () => undefined;
  try {
    const first = new Promise<Answer>((resolve, reject) => {
      const begin = (repeatMs: number) => {
        cancel = environment.setTimer(() => begin(2 * repeatMs), repeatMs);
        ask(stop.signal).then(resolve, reject);
      };
      begin(REPEAT_MS);
    });
    return await deadline.race(first);
  } finally {
    cancel();
    stop.abort();
  }
}

async function reach(answer: Promise<unknown>, deadline: Deadline): Promise<void> {
  try {
    await deadline.race(answer);
  } catch (reason) {
    const cause = harmlessCause(reason);
    throw deadline.failure() ?? new RealtimeError('network', 'The server cannot be reached.', { cause });
  }
}

function connectionToken(body: string): string | undefined {
  try {
    const answer = JSON.parse(body) as Record<string, unknown> | null;
    const token = answer?.['connectionToken'] ?? answer?.['connectionId'];
    return typeof token === 'string' ? token : undefined;
  } catch {
    // Without the engine's own error, which quotes the answer.
    throw new RealtimeError('protocol', 'Something other than the server answered, perhaps a sign-in page.');
  }
}
