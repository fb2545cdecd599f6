/** Headers that CORS may refuse: the credential, and those that only some servers know. */
export interface Headings {
  readonly authorization: boolean;
  readonly extra: boolean;
}

interface Finding {
  /** What the last answer was got with, where it was less than wanted. */
  suspected: string | undefined;
  /** What answers are got with. */
  settled: Headings | undefined;
}

/** All first, then the credential left out: CORS with `*` covers every header but that one. */
const LADDER: readonly Headings[] = [
  { authorization: true, extra: true },
  { authorization: false, extra: true },
  { authorization: true, extra: false },
  { authorization: false, extra: false },
];

/**
 * Finds out which headers a server of another origin lets a page send. A browser tells a refusal by CORS from a network
 * failure to nobody, so a read that failed is tried once more with fewer headers; what gets two answers running in this way
 * is used from then on. Changes are never repeated: they may have arrived.
 */
export class HeaderConsent {
  readonly #findings = new Map<string, Finding>();

  /** With which headers a request to `url` is tried, one after the other until there is an answer. */
  attempts(url: URL, wanted: Headings, isRead: boolean): readonly Headings[] {
    const settled = this.#findings.get(key(wanted))?.settled;
    if (settled) return [settled];
    // Only browsers have CORS.
    const page = globalThis.location?.origin;
    if (!isRead || page === undefined || page === url.origin) return [wanted];
    return LADDER.filter(
      ({ authorization, extra }) => (wanted.authorization || !authorization) && (wanted.extra || !extra),
    );
  }

  /**
   * Notes that an answer came. `false`: it says nothing about the request as it should be, since that one lacked the
   * credential, and the server wants one.
   */
  answered(wanted: Headings, sent: Headings, isRefused: boolean): boolean {
    const name = key(wanted);
    const { suspected, settled } = this.#findings.get(name) ?? {};
    if (isRefused && wanted.authorization && !sent.authorization) {
      this.#findings.delete(name);
      return settled !== undefined;
    }
    const isSure = key(sent) === name || settled !== undefined || suspected === key(sent);
    this.#findings.set(name, { suspected: key(sent), settled: isSure ? sent : undefined });
    return true;
  }
}

function key({ authorization, extra }: Headings): string {
  return `${authorization}/${extra}`;
}
