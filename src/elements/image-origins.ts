/** The origins of a comma-separated list, as browsers write them. What is none is left out. */
export function originsOf(list: string | undefined): readonly string[] {
  return (list ?? '')
    .split(',')
    .map((part) => part.trim())
    .flatMap((part) => (URL.canParse(part) ? [new URL(part).origin] : []))
    .filter((origin) => origin !== 'null');
}

/**
 * The address of an image that may be fetched: of one of `origins`, without credentials, encrypted unless it comes from
 * the page's own origin or from this machine. Otherwise `undefined`: whoever can choose an address can tell the server
 * behind it who reads the message, and what was said.
 */
export function allowedImage(address: string, origins: readonly string[]): URL | undefined {
  const trimmed = address.trim();
  if (!/^https?:\/\//i.test(trimmed) || !URL.canParse(trimmed)) return undefined;
  const url = new URL(trimmed);
  if (url.username || url.password || !origins.includes(url.origin)) return undefined;
  const near = url.origin === location.origin || /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  return url.protocol === 'https:' || near ? url : undefined;
}
