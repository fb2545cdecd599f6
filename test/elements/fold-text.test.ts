import { expect } from '@open-wc/testing';
import { findFolded, fold } from '../../src/elements/fold-text.ts';
import { gist, plainText } from '../../src/elements/plain-text.ts';
import { message } from './view-host.ts';

describe('what a search compares', () => {
  it('has no case, no accents and the simplest form of each letter', () => {
    expect(fold('CAFÉ Crème')).to.equal('cafe creme');
    expect(fold('Straße')).to.equal(fold('STRASSE'));
    expect(fold('ΟΔΟΣ')).to.equal(fold('οδός'));
    expect(fold('ﬁle１')).to.equal('file1');
    expect(fold('مُحَمَّد')).to.equal(fold('محمد'));
    expect(fold('שָׁלוֹם')).to.equal(fold('שלום'));
  });

  it('keeps the marks that are letters', () => {
    expect(fold('कि')).not.to.equal(fold('का'));
    expect(fold('が')).not.to.equal(fold('か'));
  });

  it('is found at its place in the text as it was written', () => {
    const places = (text: string, wanted: string) =>
      findFolded(text, fold(wanted)).map(([start, end]) => text.slice(start, end));
    expect(places('Un café, deux CAFE\u0301S', 'cafe')).to.deep.equal(['café', 'CAFE\u0301']);
    expect(places('Straße', 'ss')).to.deep.equal(['ß']);
    expect(places('Straße', 's')).to.deep.equal(['S', 'ß']);
    expect(places('👩‍🚀 ok 👩‍🚀', 'ok')).to.deep.equal(['ok']);
    expect(places('aaaa', 'aa')).to.deep.equal(['aa', 'aa']);
    expect(places('ab', 'abc')).to.deep.equal([]);
    expect(findFolded('x'.repeat(2_000), 'x', 10)).to.have.length(10);
  });

  it('leaves out the signs of Markdown, and reads the values of data', () => {
    const text = '# Title\n\n- **bold** and `code`, see [the list](https://x.example/a_b)';
    expect(plainText(message({ text }))).to.equal('Title\n\nbold and code, see the list');
    expect(plainText(message({ author: 'participant', text: '**as typed**' }))).to.equal('**as typed**');
    const data = { name: 'Ann', items: [{ price: 5 }], none: null };
    expect(plainText(message({ text: undefined, data }))).to.equal('Ann\n5');
  });

  it('is in one breath the text without its signs, else what the data are called', () => {
    expect(gist(message({ text: '## Moving in\n\nto the **new office** ~~Friday~~' }))).to.equal(
      'Moving in\n\nto the new office Friday',
    );
    const untitled = { type: 'table', columns: ['Sensor', 'Minute'], rows: [[1, 2]] };
    expect(gist(message({ type: 'Data', text: ' ', data: untitled }))).to.equal('Sensor, Minute, 1, 2');
  });
});
