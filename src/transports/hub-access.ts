import { RealtimeError } from '../protocol/errors.ts';
import type { Deadline } from '../protocol/deadline.ts';
import { harmlessCause } from '../protocol/harmless-text.ts';
import type { Settings } from './settings.ts';
import type { Credential } from './transport.ts';

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
  const { signal } = deadline;
  const url = new URL(`${serverUrl}/ws/chat/negotiate`);
  url.search = new URLSearchParams({ tenantId, negotiateVersion: '1' }).toString();
  const common = { credentials: 'omit', cache: 'no-store', signal } as const;
  let response: Response;
  try {
    const headers = { Authorization: `Bearer ${credential.value}` };
    response = await deadline.race(environment.fetch(url, { method: 'POST', headers, ...common }));
  } catch {
    // Either nobody is there, or the page's origin is not on the server's list. Whoever is there answers this.
    await reach(environment.fetch(`${serverUrl}/health`, { mode: 'no-cors', ...common }), deadline);
    return undefined;
  }
  // Read to its end, so that the browser keeps the connection instead of aborting it.
  const body = await deadline.race(response.text());
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

async function reach(answer: Promise<Response>, deadline: Deadline): Promise<void> {
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
