import { isLocalHost } from '../protocol/local-host.ts';

let warned = false;

/**
 * Warns on the console, once per page, that an API key stands in a page that others can open: whoever reads it can read
 * every participant's conversations. Silent outside pages and on this machine's own. The key is not part of the text.
 */
export function warnAboutApiKey(
  place: { readonly href: string; readonly hostname: string } | undefined,
): void {
  if (warned || !place || place.href.startsWith('file:') || isLocalHost(place.hostname)) return;
  warned = true;
  console.warn(
    'xians-widgets: api-key is for development. Everyone who opens this page can read the key and, with it, every ' +
      'conversation of the tenant. Use token-url or getToken instead.',
  );
}
