/** Schemes an agent may link to. Everything else stays text, relative addresses too: they would mean the host page. */
const SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:', 'tel:']);

/** Control and invisible characters, which browsers ignore inside a scheme and people do not see. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** `href` if it is a complete address of an allowed scheme without credentials in it; otherwise `undefined`. */
export function safeUrl(href: string): URL | undefined {
  const address = href.replace(INVISIBLE, '').trim();
  if (!/^(https?:\/\/|mailto:|tel:)/i.test(address) || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  // `https://bank.example@evil.example` reads as the bank.
  return SCHEMES.has(url.protocol) && url.username === '' && url.password === '' ? url : undefined;
}

/**
 * The host that a link really goes to, when its `label` reads like the address of another one; otherwise `undefined`.
 * `[paypal.com](https://evil.example)` gives `evil.example`.
 */
export function disguisedHost(label: string, url: URL): string | undefined {
  if (!url.host) return undefined;
  const shown = /^\s*(?:https?:\/\/)?([\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,})(?=$|[\s/:?#])/iu.exec(
    label.replace(INVISIBLE, ''),
  )?.[1];
  if (shown === undefined) return undefined;
  const real = url.hostname.replace(/^www\./, '');
  const pretended = hostname(shown).replace(/^www\./, '');
  return real === pretended || real.endsWith(`.${pretended}`) ? undefined : url.host;
}

/** `name` as the browser would write it, so that letters of other scripts compare as the different hosts they are. */
function hostname(name: string): string {
  const address = `https://${name}`;
  return URL.canParse(address) ? new URL(address).hostname : name.toLowerCase();
}
