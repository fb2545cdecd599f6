import { isLocalHost, type Place } from './connection-options.ts';

let warned = false;

/**
 * Warns on the console, once per page, that an API key stands in a page that others can open: whoever reads it can read
 * every participant's conversations. Silent on this machine's own pages. The key is not part of the text.
 */
export function warnAboutApiKey(place: Place = location): void {
  if (warned || place.protocol === 'file:' || isLocalHost(place.hostname)) return;
  warned = true;
  console.warn(
    'xians-widgets: api-key is for development. Everyone who opens this page can read the key and, with it, every ' +
      'conversation of the tenant. Use token-url or getToken instead.',
  );
}
