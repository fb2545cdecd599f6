import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENGLISH, Language } from '../../src/elements/language.ts';
import { canonical, isRightToLeft, matchLocale } from '../../src/elements/locale-match.ts';
import { listed, sentence, sentences } from '../../src/elements/sentences.ts';
import { defineWords } from '../../src/elements/words.ts';

const group = defineWords('test', {
  fixed: 'Close',
  named: 'Close {what}',
  files: { one: '{count} file', other: '{count} files' },
});

describe('a language', () => {
  it('fills in values, numbers by its own customs', () => {
    const words = ENGLISH.words(group);
    assert.equal(words.fixed, 'Close');
    assert.equal(words.named({ what: '{what} $& {count}' }), 'Close {what} $& {count}');
    assert.equal(words.files({ count: 1 }), '1 file');
    assert.match(new Language('de').words(group).files({ count: 1234 }), /^1\.234 files$/);
    assert.equal(ENGLISH.words(group), words);
  });

  it('chooses among the plural forms that it has', () => {
    const files = {
      one: '{count} plik',
      few: '{count} pliki',
      many: '{count} plików',
      other: '{count} pliku',
    };
    const { files: say } = new Language('pl', { test: { files } }, 'pl').words(group);
    assert.deepEqual(
      [1, 2, 5, 22, 25, 1.5].map((count) => say({ count })),
      ['1 plik', '2 pliki', '5 plików', '22 pliki', '25 plików', '1,5 pliku'],
    );
    const japanese = new Language('ja', { test: { files: { other: '{count}個のファイル' } } }, 'ja');
    assert.equal(japanese.words(group).files({ count: 3 }), '3個のファイル');
  });

  it('says in English what it lacks, and lets a page have the last word', () => {
    const language = new Language('de', { test: { fixed: 'Schließen' } }, 'de', {
      'test.named': '{what} zu',
    });
    const words = language.words(group);
    assert.deepEqual(
      [words.fixed, words.named({ what: 'x' }), words.files({ count: 2 })],
      ['Schließen', 'x zu', '2 files'],
    );
    assert.equal(language.translated('test', 'fixed'), 'Schließen');
    assert.equal(language.translated('test', 'files'), undefined);
  });

  it('puts sentences and lists together', () => {
    const arabic = new Language(
      'ar',
      { sentence: { end: '{text}۔', next: '{first} {next}', listed: '{first}، {next}' } },
      'ar',
    );
    assert.equal(sentences(ENGLISH, 'Not sent', undefined, 'Why?', 'Keep open'), 'Not sent. Why? Keep open');
    assert.equal(sentences(arabic, 'a', 'b'), 'a۔ b');
    assert.equal(sentence(ENGLISH, 'Sending…'), 'Sending…');
    assert.equal(listed(arabic, 'a', false, 'b', 'c'), 'a، b، c');
  });
});

describe('which language a tag means', () => {
  const offered = ['de', 'pt', 'pt-BR', 'zh', 'zh-Hant', 'nb', 'he', 'id', 'fil', 'sr'];
  const match = (tag: string) => matchLocale(canonical(tag) ?? '', offered);

  it('is the nearest that there is', () => {
    assert.deepEqual(['de', 'DE-at', 'de_CH', 'pt', 'pt-PT', 'pt-BR', 'en-GB', 'fr'].map(match), [
      'de',
      'de',
      'de',
      'pt-BR',
      'pt',
      'pt-BR',
      'en',
      undefined,
    ]);
    assert.deepEqual(['zh', 'zh-CN', 'zh-Hans-SG', 'zh-TW', 'zh-HK', 'zh-Hant'].map(match), [
      'zh',
      'zh',
      'zh',
      'zh-Hant',
      'zh-Hant',
      'zh-Hant',
    ]);
    assert.deepEqual(['no', 'nn', 'nb-NO', 'iw', 'in', 'tl'].map(match), [
      'nb',
      'nb',
      'nb',
      'he',
      'id',
      'fil',
    ]);
  });

  it('is none for what is no tag', () => {
    assert.deepEqual(['', 'not a language!', '-', null, undefined].map(canonical), Array(5).fill(undefined));
  });

  it('tells the direction', () => {
    assert.deepEqual(['ar', 'he', 'fa', 'ur', 'de', 'ja', 'az'].map(isRightToLeft), [
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
