import type { Random } from '../sim/random.ts';

/**
 * How a secret can be known: by its `form`, because the client `held` it, by the name beside it, or not at all: a word
 * like any other, which is why text of others may not pass.
 */
export type Knowledge = 'form' | 'held' | 'named' | 'unknown';

export interface Secret {
  readonly knowledge: Knowledge;
  readonly value: string;
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const TOKEN = `${BASE64URL}.~+/=`;
const PASSWORD = `${TOKEN} !$%&'"()*,:;?@[]^{}|`;
const HEX = '0123456789abcdef';

/** Names that credentials have in addresses and bodies. */
const NAMES = [
  'token',
  'access_token',
  'id_token',
  'refreshToken',
  'apikey',
  'api_key',
  'x-api-key',
  'apikeyid',
  'client_secret',
  'secret',
  'password',
  'signature',
] as const;
/** Names that mean a credential in an address only. */
const QUERY_NAMES = [
  ...NAMES,
  'key',
  'code',
  'sig',
  'state',
  'id',
  'text',
  'auth',
  'X-Amz-Signature',
] as const;
const HEADERS = [
  'Authorization: Bearer %',
  'authorization: bearer %',
  'Proxy-Authorization: Basic %',
  'AUTHORIZATION:%',
  'X-Api-Key: %',
  'Cookie: a=1; session=%; b=2',
  'set-cookie: sid=%; Path=/; HttpOnly',
] as const;

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random.next() * items.length)]!;
}

function letters(random: Random, alphabet: string, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += alphabet[Math.floor(random.next() * alphabet.length)]!;
  return text;
}

const base64url = (text: string) => Buffer.from(text).toString('base64url');

export function drawSecret(random: Random, knowledge: Knowledge): Secret {
  return { knowledge, value: drawValue(random, knowledge) };
}

function drawValue(random: Random, knowledge: Knowledge): string {
  switch (knowledge) {
    case 'form':
      return random.chance(0.5)
        ? `sk-Xnai-${letters(random, BASE64URL, 43)}`
        : [
            base64url(`{"alg":"${pick(random, ['HS256', 'RS256'])}","kid":"${letters(random, HEX, 6)}"}`),
            base64url(
              `{"sub":"${letters(random, BASE64URL, 12)}","exp":${1_700_000_000 + random.between(0, 1e8)}}`,
            ),
            letters(random, BASE64URL, 43),
          ].join('.');
    case 'held':
      return letters(random, TOKEN, 8 + Math.floor(random.next() * 56));
    case 'named':
      return letters(random, TOKEN, 8 + Math.floor(random.next() * 40));
    case 'unknown':
      return random.chance(0.5) ? letters(random, HEX, 32) : letters(random, BASE64URL, 43);
  }
}

/** A text with `secret` at a place where people, servers and libraries leave them. */
export function plant(random: Random, secret: Secret): string {
  const text =
    secret.knowledge === 'named'
      ? beside(random, secret)
      : random.chance(0.4)
        ? beside(random, secret)
        : alone(random, secret);
  return secret.knowledge === 'unknown' ? text : disguise(random, text);
}

function alone(random: Random, { value }: Secret): string {
  return pick(random, [
    '%',
    'bad %',
    'token_% was refused',
    "The user '%' is unknown.",
    '\n%\n',
    'x(%)y',
    '5%',
  ])
    .split('%')
    .join(value);
}

/** With a name, as far as the text goes: what has one is known by it. */
function beside(random: Random, { knowledge, value }: Secret): string {
  if (knowledge === 'unknown') return `The answer was ${value} and nothing else`;
  const name = pick(random, NAMES);
  const host = pick(random, ['https://h.example', 'wss://h.example:8443', 'http://127.0.0.1:5000']);
  const encoded = encodeURIComponent(value);
  switch (Math.floor(random.next() * 9)) {
    case 0:
      return `GET ${host}/api/x?page=1&${pick(random, QUERY_NAMES)}=${encoded}&y=2 failed`;
    case 1:
      return `${host}/callback#${pick(random, QUERY_NAMES)}=${encoded}`;
    case 2:
      return `${host.replace('//', `//user:${encoded}@`)}/path`;
    case 3:
      return pick(random, HEADERS).replace('%', () => value);
    case 4:
      return JSON.stringify({ a: 1, [name]: value, headers: { [name]: [value] } });
    case 5:
      return JSON.stringify([['Authorization', `Bearer ${value}`]]);
    case 6:
      return `Map(1) { 'authorization' => 'Bearer ${value}' }`;
    case 7:
      // In a body, a password may have any character.
      return JSON.stringify({ user: 'jane', password: `${letters(random, PASSWORD, 3)}${value}`, z: 1 });
    default:
      return `    at load (${host}/app.js?${name}=${encoded}:10:20)`;
  }
}

const escaped = (text: string, prefix: string) =>
  text.replace(/[!-~]/g, (char) => prefix + char.charCodeAt(0).toString(16));

const DISGUISES: readonly ((text: string) => string)[] = [
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  encodeURIComponent,
  (text) => escaped(text, '%'),
  (text) => JSON.stringify({ message: text }),
  (text) =>
    JSON.stringify(text).replaceAll('+', '\\u002B').replaceAll('=', '\\u003d').replaceAll('&', '\\u0026'),
  (text) => JSON.stringify(text).replaceAll('/', '\\/'),
  (text) => `https://h.example/?next=${encodeURIComponent(text)}`,
];

/** `text` as it looks after it went through other programs. */
function disguise(random: Random, text: string): string {
  let result = text;
  for (let depth = 0; depth < 2 && random.chance(0.4); depth++) result = pick(random, DISGUISES)(result);
  return result;
}
