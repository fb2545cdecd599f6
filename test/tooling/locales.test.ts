import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LOCALES, REVIEWED } from '../../src/locales/index.ts';
import { faultsOf, locales, wordGroups } from '../support/words.ts';

const groups = await wordGroups();
const all = await locales();

describe('the languages', () => {
  it('are in the table, each under the name of its file and the tag that it gives itself', async () => {
    assert.deepEqual(Object.keys(LOCALES).sort(), [...all.keys()].sort());
    for (const [name, load] of Object.entries(LOCALES)) {
      const { default: locale } = await load();
      assert.equal(locale.tag, name);
      assert.deepEqual(Intl.getCanonicalLocales(name), [name]);
      assert.equal(locale.reviewed, REVIEWED.has(name));
      assert.ok(locale.name.trim(), `${name} has a name`);
    }
  });

  for (const [tag, locale] of all) {
    it(`say everything: ${tag}`, () => {
      assert.deepEqual(faultsOf(locale, groups), []);
    });
  }
});

describe('the check of a language', () => {
  const source = new Map([
    [
      'a',
      { fixed: 'Close', named: 'Close {what}', counted: { one: '{count} file', other: '{count} files' } },
    ],
  ]);
  const check = (words: Record<string, Record<string, string | { other: string; one?: string }>>) =>
    faultsOf({ tag: 'de', name: 'Deutsch', reviewed: false, words }, source).map(
      ({ key, what }) => `${key}: ${what}`,
    );
  const good = { fixed: 'x', named: '{what} x', counted: { one: 'eine', other: '{count}' } };

  it('finds what is missing, empty, too much or differently filled in', () => {
    assert.deepEqual(check({ a: good }), []);
    assert.deepEqual(check({ a: { ...good, fixed: ' ' } }), ['a.fixed: empty']);
    assert.deepEqual(check({}).length, 3);
    assert.deepEqual(check({ a: { ...good, more: 'x' }, b: {} }), ['a.more: extra', 'b: extra']);
    assert.deepEqual(check({ a: { ...good, named: '{who} x' } }), ['a.named: does not say {what}']);
    assert.deepEqual(check({ a: { ...good, named: '{what} {who}' } }), ['a.named: knows no {who}']);
    assert.deepEqual(check({ a: { ...good, counted: { other: '{count}' } } }), [
      'a.counted: forms are missing: one',
    ]);
    assert.deepEqual(check({ a: { ...good, counted: '{count}' } }), [
      'a.counted: needs forms for numbers: one, other',
    ]);
    assert.deepEqual(check({ a: { ...good, counted: { one: '1', other: 'viele' } } }), [
      'a.counted: other: does not say {count}',
    ]);
  });
});
