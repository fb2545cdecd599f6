/** Credentials in use, as the sources of patterns, and all of them in one pattern. */
const held = new Set<{ readonly source: string }>();
let known: RegExp | undefined;

/** No line of ours comes near it, and no text may cost seconds. */
const MAX_LENGTH = 100_000;

/** What a credential looks like wherever it stands, and what takes its place. */
const RULES: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // User name and password of an address.
  [/\/\/[^\s/?#]*@/g, '//***@'],
  // Headers of several words, up to the end of the line.
  [/((?:authorization|cookie)["'\\\]\s]{0,4}[:=,])[^\r\n]+/gi, '$1***'],
  // Names in a query or fragment. Some mean something else elsewhere: `text` is a message, `id` a connection of the hub.
  [/([?&#;](?:code|state|key|sig|hmac|auth|jwt|sid|session|id|text)=)[^&#\s"']+/gi, '$1***'],
  // Names anywhere else, with whatever JSON, arrays and headers put between a name and its value.
  [
    /((?:token|api[-_]?key|passw(?:or)?d|passphrase|pwd|secret|signature|credential)\w{0,12}(?:["'\\\]\s]{0,4}[:=]>?|["'],)[\s[{(]{0,9})(?:\\*(["'])(?:\\.|(?!\2)[^\\])*|[^\s&"'<>,;)}\]]+)/gi,
    '$1***',
  ],
  [/\b((?:bearer|basic)[\s+:="']{1,9})[\w\-.~+/=]{6,}/gi, '$1***'],
  [/(sk-xnai|(?:\b|_)sk)-[\w\-.~+/=]+/gi, 'sk-***'],
  // A JWT or a part of one: JSON, whose `{"` is `eyJ` in base64url.
  [/eyJ[\w\-+/=]{8,}(?:\.[\w\-+/=]*)*/gi, '***'],
];

/**
 * Makes {@link redact} remove `value` wherever it stands, whatever it looks like, until the undo runs: for every credential
 * that is in use. Does nothing for fewer than 8 characters, which are in ordinary words too.
 */
export function rememberSecret(value: string): () => void {
  if (value.length < 8) return () => {};
  const entry = { source: value.replace(/\W/g, '\\$&') };
  held.add(entry);
  compile();
  return () => {
    held.delete(entry);
    compile();
  };
}

/**
 * `text` with `***` for all that is a credential by its form, its name or its being in use, in whatever case; for message
 * texts and connection ids in addresses; for everything if it is longer than 100,000 characters. It finds them percent-encoded
 * and escaped as in JSON too; the result is the decoded text then. It cannot know a password in the middle of a sentence:
 * what others wrote goes through `constantPart()` first.
 */
export function redact(text: string): string {
  if (text.length > MAX_LENGTH) return '***';
  const clean = apply(text);
  let plain = clean;
  // An address in an address in an address.
  for (let times = 0; times < 3; times++) {
    plain = plain.replace(/(?:%(?:25)*|\\u00)([2-7][\da-f])/gi, (_, hex: string) =>
      String.fromCharCode(parseInt(hex, 16)),
    );
  }
  const cleaner = apply(plain);
  return cleaner === plain ? clean : cleaner;
}

function apply(text: string): string {
  if (known) text = text.replace(known, '***');
  return RULES.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
}

function compile(): void {
  // The longest first, since one may begin with another.
  const sources = [...held].map(({ source }) => source).sort((one, other) => other.length - one.length);
  known = sources.length ? new RegExp(sources.join('|'), 'gi') : undefined;
}
