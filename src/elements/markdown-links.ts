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
 * Where a link really goes, when its `label` reads like another address; otherwise `undefined`.
 * `[paypal.com](https://evil.example)` gives `evil.example`. Letters of other scripts can look like Latin ones, so a name
 * written in them is given as it is registered: `xn--…`.
 */
export function disguisedHost(label: string, url: URL): string | undefined {
  const text = label.replace(INVISIBLE, '');
  if (url.protocol === 'mailto:') {
    const address = decodeURI(url.pathname);
    return text.includes('@') && !text.includes(address) ? address : undefined;
  }
  const shown =
    /(?:^\s*|https?:\/\/|www\.)([\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,})(?=$|[\s/:?#])/iu.exec(
      text,
    )?.[1];
  if (shown === undefined) return undefined;
  if (!url.host) return url.pathname;
  const real = url.hostname.replace(/^www\./, '');
  const pretended = hostname(shown).replace(/^www\./, '');
  const honest = real === pretended || real.endsWith(`.${pretended}`);
  return honest && /^[\0-~]*$/.test(shown) ? undefined : url.host;
}

/** `name` as the browser would write it, so that letters of other scripts compare as the different hosts they are. */
function hostname(name: string): string {
  const address = `https://${name}`;
  return URL.canParse(address) ? new URL(address).hostname : name.toLowerCase();
}
