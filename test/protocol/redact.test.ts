import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { redact, rememberSecret } from '../../src/protocol/redact.ts';
import { SEED } from '../support/seed.ts';
import { hunt } from './redaction-hunt.ts';

const KEY = 'sk-Xnai-mB92K27uhbUJU1p1r_wW1gFWFOEjXk-AbC_123-secretpart';
const JWT = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJqYW5lIn0.c2lnbmF0dXJl-_c2lnbmF0dXJl';
const OPAQUE = 'q7/Zp+w_9.Lm-k2~Vx=';

describe('redact', () => {
  for (const [what, text, expected] of [
    ['a key', `bad ${KEY}!`, 'bad sk***!'],
    ['a key after letters of an escape', `\\n${KEY}`, '\\nsk***'],
    ['a key, encoded', `a ${encodeURIComponent(KEY).replaceAll('-', '%2D')}`, 'a sk***'],
    ['a JWT', `for ${JWT}.`, 'for ***'],
    ['a part of a JWT', `x.${JWT.split('.')[1]}`, 'x.***'],
    ['a bearer in any case', 'BEARER abc.def-ghi is bad', 'BEARER *** is bad'],
    ['a header', 'authorization: Digest username="jane", response="1234"', 'authorization:***'],
    ['a header in a list', `[ 'X-Api-Key', 'abcdefgh' ]`, `[ 'X-Api-Key', ***' ]`],
    ['cookies', 'Cookie: a=1; session=2\nnext', 'Cookie:***\nnext'],
    ['a query', 'wss://h/ws?access_token=abc&page=1&id=7#x', 'wss://h/ws?access_token=***&page=1&id=***#x'],
    ['a fragment', 'https://h/cb#code=abc', 'https://h/cb#code=***'],
    ['a password in an address', 'https://jane:p%2Fw%40x@h/p', 'https://***@h/p'],
    ['a password in JSON', '{"password":"my pass\\"word","n":1}', '{"password":***","n":1}'],
    ['JSON in JSON', '{\\"token\\":\\"abc def\\"}', '{\\"token\\":***'],
    [
      'an address in an address',
      `/?next=${encodeURIComponent('https://a:b@h/?token=x')}`,
      '/?next=https://***@h/?token=***',
    ],
    [
      'escapes of JSON',
      '"http:\\/\\/a:b@h\\/?token\\u003dabc\\u0026n\\u003d1"',
      '"http://***@h/?token=***&n=1"',
    ],
  ] as const) {
    it(`removes ${what}`, () => {
      assert.equal(redact(text), expected);
    });
  }

  for (const text of [
    'hub: lost, network, The connection was closed (1006).',
    'rest history: done in 31 ms',
    'The token source failed: it timed out. No keys, no secrets, no cookies.',
    'https://h.example/a%20b?workflow=acme%3AEcho&page=2',
    'task-force desk-top',
  ]) {
    it(`leaves "${text}" as it is`, () => {
      assert.equal(redact(text), text);
    });
  }

  it('removes what is in use, whatever it looks like and however it is written, until it is not', () => {
    const undo = rememberSecret(OPAQUE);
    const undoAgain = rememberSecret(OPAQUE);
    for (const text of [
      OPAQUE,
      OPAQUE.toUpperCase(),
      encodeURIComponent(OPAQUE),
      encodeURIComponent(encodeURIComponent(OPAQUE)),
      OPAQUE.replace('+', '\\u002B').replace('/', '\\/'),
    ]) {
      assert.equal(redact(`It is ${text} now`), 'It is *** now');
    }
    const strange = OPAQUE.replace(/./g, (char) => `%${char.charCodeAt(0).toString(16)}`);
    assert.equal(redact(`It is ${strange} now`), '***', 'with all around it');
    undo();
    undo();
    assert.equal(redact(OPAQUE), '***', 'somebody else still uses it');
    undoAgain();
    assert.equal(redact(OPAQUE), OPAQUE);
  });

  it('removes the longer of two that begin alike, and takes nothing short for one', (t) => {
    for (const value of ['abcd1234', 'abcd1234efgh5678', 'the']) t.after(rememberSecret(value));
    assert.equal(redact('the abcd1234efgh5678 abcd1234 other'), 'the *** *** other');
  });

  it('takes no longer than the text is long', () => {
    // Each makes a pattern begin at every place of it.
    const length = 100_000;
    for (const piece of [
      'token',
      'eyJ',
      '//a',
      'bearer ',
      'token:"\\',
      '%25',
      '\\',
      '?code=',
      `secret"'\\ `,
      'sk-',
      '\\u00',
    ]) {
      const started = process.cpuUsage(); // other work on the machine does not count
      redact(piece.repeat(length / piece.length));
      const tookMs = process.cpuUsage(started).user / 1_000;
      // Milliseconds in fact; minutes with a pattern that starts anew at every place.
      assert.ok(tookMs < 5_000, `${JSON.stringify(piece)}: ${tookMs} ms`);
    }
    assert.equal(redact('x'.repeat(10_000_000)), '***');
  });

  it('leaves no 8 characters of any planted secret in anything that leaves the library', async () => {
    const { leaks, secrets, looked } = await hunt(SEED, 10_000);
    assert.deepEqual(leaks.slice(0, 3), [], `seed ${SEED}`);
    assert.ok(secrets > 50_000, `${secrets} secrets were planted`);
    for (const sink of [
      'logger',
      'console',
      'error',
      'details',
      'reports',
      'summary',
      'posted',
      'metrics',
      'otlp',
    ]) {
      assert.ok((looked[sink] ?? 0) > 1_000, `${sink} told something`);
    }
  });
});
