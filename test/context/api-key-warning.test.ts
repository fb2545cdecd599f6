import { expect } from '@open-wc/testing';
import { warnAboutApiKey } from '../../src/context/api-key-warning.ts';

const place = (href: string) => new URL(href);

describe('warnAboutApiKey', () => {
  const said: unknown[][] = [];
  const { warn } = console;
  before(() => (console.warn = (...words: unknown[]) => void said.push(words)));
  after(() => (console.warn = warn));

  it('is silent on this machine, and warns once on any other page', () => {
    for (const href of [
      'http://localhost:8080/',
      'http://127.0.0.1/',
      'http://[::1]/',
      'http://a.localhost/',
      'file:///a',
    ]) {
      warnAboutApiKey(place(href));
    }
    expect(said).to.deep.equal([]);
    warnAboutApiKey(place('https://shop.example/'));
    warnAboutApiKey(place('https://shop.example/other'));
    expect(said).to.have.length(1);
    expect(String(said[0])).to.contain('api-key');
  });
});
