/** The server's own switches. They exist only on a server that listens on this computer alone. */
const CONTROL_URL = '/__control';

/** Thrown with words for the visitor. */
export class ControlError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = 'ControlError';
  }
}

/** What is broken at the moment, and everything the server has stored. Rejects with a {@link ControlError}. */
export function readControl() {
  return request({});
}

/** Carries out `requests` one after the other. Rejects with a {@link ControlError} at the first that fails. */
export async function control(requests) {
  for (const body of requests) {
    await request({
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  }
}

async function request(options) {
  let response;
  try {
    response = await fetch(CONTROL_URL, { cache: 'no-store', ...options });
  } catch (cause) {
    throw new ControlError('The demo server does not answer. Start it with “npm start”.', { cause });
  }
  if (response.status === 404) {
    throw new ControlError(
      'This server has no switches to break it: they exist only where it listens on this computer alone. Run “npm start” to try them.',
    );
  }
  if (!response.ok) throw new ControlError(`The server refused this (${response.status}).`);
  return response.json();
}
