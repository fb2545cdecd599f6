import { RealtimeError } from '../protocol/errors.ts';
import { startDeadline, type Deadline } from './deadline.ts';
import type { Settings } from './settings.ts';

const LIMIT_MS = 5_000;

/**
 * Asks over plain HTTP whether the hub is there and takes the credential, before a WebSocket is tried.
 *
 * A browser prints the address of a WebSocket that fails to its console, and the credential is part of that address; and
 * it hides from the page whether the credential or the network was to blame. This request carries the credential in a
 * header and says which.
 *
 * Rejects with `unauthorized` when the credential is refused, `network` or `timeout` when nothing answers, `protocol` when
 * something other than the server does. Resolves where the server does not let this page ask.
 */
export async function checkHubAccess(settings: Settings, signal: AbortSignal): Promise<void> {
  const deadline = startDeadline(settings.environment, LIMIT_MS, signal);
  try {
    await ask(settings, deadline);
  } catch (reason) {
    throw deadline.failure() ?? RealtimeError.from(reason, 'network', 'The server cannot be reached.');
  } finally {
    deadline.end();
  }
}

async function ask(settings: Settings, deadline: Deadline): Promise<void> {
  const { serverUrl, tenantId, credentials, environment } = settings;
  const { signal } = deadline;
  const { value } = await deadline.race(credentials.current());
  const url = new URL(`${serverUrl}/ws/chat/negotiate`);
  url.search = new URLSearchParams({ tenantId, negotiateVersion: '1' }).toString();
  let response: Response;
  try {
    response = await environment.fetch(url, {
      method: 'POST',
      headers: { Authorization: `Bearer ${value}` },
      credentials: 'omit',
      cache: 'no-store',
      signal,
    });
  } catch {
    // Either nobody is there, or this page's origin is not on the server's list, which the hub itself does not mind.
    await environment.fetch(`${serverUrl}/health`, {
      mode: 'no-cors',
      credentials: 'omit',
      cache: 'no-store',
      signal,
    });
    return;
  }
  // Read to its end, so that the browser keeps the connection instead of aborting it.
  await deadline.race(response.arrayBuffer());
  if (response.status === 401 || response.status === 403) {
    const code = response.status === 401 ? 'unauthorized' : 'forbidden';
    throw new RealtimeError(code, 'The server does not accept the credential.', { status: response.status });
  }
  if (response.ok && !/\bjson\b/i.test(response.headers.get('content-type') ?? '')) {
    throw new RealtimeError('protocol', 'Something other than the server answered, perhaps a sign-in page.');
  }
}
