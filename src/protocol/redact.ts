/** Credentials in use, as the sources of patterns, and all of them in one pattern. */
const held = new Set<{ readonly source: string }>();
let known: RegExp | undefined;

/** No line of ours comes near it, and no text may cost seconds. */
const MAX_LENGTH = 100_000;

const MAX_LAYERS = 4;
/** ASCII, percent-encoded or as in JSON, whose strings may stand in strings. */
const ESCAPED = /(?:%|\\{1,9}u00)([2-7][\da-f])|\\{1,9}(?=\/)/gi;

/** What a credential looks like wherever it stands, after what is kept before it. */
const RULES: readonly RegExp[] = [
  // User name and password of an address.
  /(\/\\*\/)[^\s/?#]*(?=@)/g,
  // Headers of several words, up to the end of the line.
  /((?:authorization|cookie)["'\\\]\s]{0,4}[:=,])[^\r\n]+/gi,
  // Names in a query or fragment. Some mean something else elsewhere: `text` is a message, `id` a connection of the hub.
  /([?&#;](?:code|state|key|sig|hmac|auth|jwt|sid|session|id|text)=)[^&#\s"']+/gi,
  // Names anywhere else, with whatever JSON, arrays and headers put between a name and its value.
  /((?:token|api[-_]?key|passw(?:or)?d|passphrase|pwd|secret|signature|credential)\w{0,12}(?:["'\\\]\s]{0,4}[:=]>?|["'],)[\s[{(]{0,9})(?:\\*(["'])(?:\\.|(?!\2)[^\\])*|[^\s&"'<>,;)}\]]+)/gi,
  /\b((?:bearer|basic)[\s+:="']{1,9})[\w\-.~+/=]{6,}/gi,
  /((?:\b|_)sk|sk(?=-xnai))-[\w\-.~+/=]+/gi,
  // A JWT or a part of one: JSON, whose `{"` is `eyJ` in base64url.
  /()eyJ[\w\-+/=]{8,}(?:\.[\w\-+/=]*)*/gi,
];

/**
 * Makes {@link redact} remove `value` wherever it stands, whatever it looks like, until the undo runs: for every credential
 * that is in use. Does nothing for fewer than 8 characters, which are in ordinary words too.
 */
export function rememberSecret(value: string): () => void {
  if (value.length < 8) return () => {};
  // Also as encoders write what is neither letter nor digit.
  const source = value.replace(
    /\W/g,
    (char) => `(?:\\\\*\\${char}|(?:%(?:25)*|\\\\+u00)${char.charCodeAt(0).toString(16)})`,
  );
  const entry = { source };
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
  let whole = known ? text.replace(known, '***') : text;
  let result = applyRules(whole);
  let plain = result;
  // An address in an address in an address: layer by layer, since `/` and `@` mean something in each.
  for (let layer = 0; layer < MAX_LAYERS; layer++) {
    whole = decode(whole);
    // What is in use, written in a strange way: a rule may have hit a part of it, so that the rest could not be found any more.
    if (known && whole.search(known) >= 0) return '***';
    const decoded = decode(plain);
    plain = applyRules(decoded);
    if (plain !== decoded) result = plain;
  }
  return result;
}

function decode(text: string): string {
  return text.replace(ESCAPED, (_, hex?: string) => (hex ? String.fromCharCode(parseInt(hex, 16)) : ''));
}

function applyRules(text: string): string {
  return RULES.reduce((result, rule) => result.replace(rule, '$1***'), text);
}

function compile(): void {
  // The longest first, since one may begin with another.
  const sources = [...held].map(({ source }) => source).sort((one, other) => other.length - one.length);
  known = sources.length ? new RegExp(sources.join('|'), 'gi') : undefined;
}
