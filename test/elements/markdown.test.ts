import { expect } from '@open-wc/testing';
import fc from 'fast-check';
import { decodeEntities } from '../../src/elements/markdown-entities.ts';
import { disguisedHost, safeUrl } from '../../src/elements/markdown-links.ts';
import { maths } from '../../src/elements/markdown-extras.ts';
import { renderMarkdown, type MarkdownPorts } from '../../src/elements/markdown.ts';
import { SEED } from '../support/seed.ts';
import { PLAIN, drawIn, offences } from './markdown-offences.ts';

let stage: HTMLElement;

/** Draws `text` in place of what was drawn before. */
function draw(text: string, ports: Partial<MarkdownPorts> = {}): HTMLElement {
  stage?.remove();
  stage = document.body.appendChild(document.createElement('div'));
  return drawIn(stage, text, ports);
}

describe('renderMarkdown', () => {
  afterEach(() => stage?.remove());

  it('shows HTML as the text it is', () => {
    const root = draw('<b>bold</b> and\n\n<div onclick="x">block</div>');
    expect(root.textContent).to.contain('<b>bold</b>');
    expect(root.textContent).to.contain('<div onclick="x">block</div>');
  });

  it('holds to the list for whatever is made of Markdown signs', () => {
    const parts = '* _ ` [ ] ( ) ! < > # - + | : / \\ & ; ~ " \' = javascript: http://a.b a 1. \n \t'.split(
      ' ',
    );
    const text = fc.array(fc.constantFrom(...parts, ' ', '\n', '<img src=x onerror=window.hacked=1>'), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(text, (pieces) => {
        expect(offences(draw(pieces.join('')))).to.deep.equal([]);
      }),
      { seed: SEED, numRuns: 150 },
    );
    expect('hacked' in window).to.equal(false);
  });

  it('draws what agents write', async () => {
    const root = draw(
      '# Title\n\nHello **bold** *italic* ~~gone~~ `code`\nnext line\n\n> quoted\n\n---\n\n' +
        '3. three\n   - inner\n4. four\n\n- [x] done\n- [ ] open',
    );
    expect(root.querySelector('h3')?.textContent).to.equal('Title');
    expect(root.querySelector('strong')?.textContent).to.equal('bold');
    expect(root.querySelector('em')?.textContent).to.equal('italic');
    expect(root.querySelector('del')?.textContent).to.equal('gone');
    expect(root.querySelector('p code')?.textContent).to.equal('code');
    expect(root.querySelector('p br')).to.exist;
    expect(root.querySelector('blockquote')?.textContent?.trim()).to.equal('quoted');
    expect(root.querySelector('hr')).to.exist;
    expect(root.querySelector('ol')?.start).to.equal(3);
    expect(root.querySelector('ol ul li')?.textContent?.trim()).to.equal('inner');
    const boxes = [...root.querySelectorAll('[role=checkbox]')];
    expect(boxes.map(({ ariaChecked, ariaReadOnly }) => [ariaChecked, ariaReadOnly])).to.deep.equal([
      ['true', 'true'],
      ['false', 'true'],
    ]);
    expect(root.querySelector('input'), 'nothing that looks as if it could be ticked').not.to.exist;
    await expect(root).to.be.accessible();
  });

  it('draws tables that can be scrolled by keyboard, aligned without style attributes', async () => {
    const root = draw('| a | b |\n|:-:|--:|\n| 1 | `2` <br> 3 |');
    expect(root.querySelector('.scroll')?.getAttribute('tabindex')).to.equal('0');
    expect([...root.querySelectorAll('td')].map((cell) => cell.className)).to.deep.equal(['center', 'right']);
    expect(root.querySelector('td br')).to.exist;
    await expect(root).to.be.accessible();
  });

  it('leaves no gap between headings, whatever level the text begins with', async () => {
    const levels = (text: string) =>
      [...draw(text).querySelectorAll('h3, h4, h5, h6')].map(({ localName }) => localName).join(' ');
    expect(levels('## a\n\n#### b\n\n## c')).to.equal('h3 h4 h3');
    expect(levels('### a\n\n# b\n\n## c\n\n###### d')).to.equal('h3 h3 h4 h5');
    expect(levels('# 1\n## 2\n### 3\n#### 4\n##### 5\n## 2')).to.equal('h3 h4 h5 h6 h6 h4');
    const tables = draw('| a |\n|--|\n| 1 |\n\n| a |\n|--|\n| 1 |\n');
    expect(tables.querySelector('[role="region"]'), 'a table is no landmark').not.to.exist;
    await expect(tables).to.be.accessible();
  });

  it('names the language of a code block and copies its text', () => {
    const copied: string[] = [];
    const root = draw('```ts title="x"\nlet a = "&amp;<b>";\n```', {
      copy: (code) => Promise.resolve(copied.push(typeof code === 'string' ? code : '') > 0),
    });
    expect(root.querySelector('figcaption bdi')?.textContent).to.equal('ts');
    expect(root.querySelector('pre')?.textContent).to.equal('let a = "&amp;<b>";');
    root.querySelector('button')?.click();
    expect(copied).to.deep.equal(['let a = "&amp;<b>";']);
  });

  it('resolves character references once', () => {
    expect(draw('a &amp; b &lt;i&gt; &#8364; &amp;lt; &#38;gt; `&amp;`').textContent).to.contain(
      'a & b <i> € &lt; &gt; &amp;',
    );
  });

  it('makes links of complete addresses only', () => {
    const root = draw(
      '[a](https://a.example/?x=1&amp;y=2) <mailto:me@b.example> [c](tel:+123) www.d.example [e](/e)',
    );
    expect([...root.querySelectorAll('a')].map(({ href }) => href)).to.deep.equal([
      'https://a.example/?x=1&y=2',
      'mailto:me@b.example',
      'tel:+123',
      'http://www.d.example/',
    ]);
    expect(root.textContent).to.contain('[e](/e)');
  });

  it('says where a link goes that reads like another address', () => {
    expect(draw('[paypal.com](https://evil.example/)').textContent).to.contain('(evil.example)');
    expect(draw('[a.example](https://a.example/)').textContent).not.to.contain('(');
  });

  it('makes a link of an image, with its alternative text', () => {
    const root = draw('![a *desk*](https://img.example/d.png) ![](data:image/png;base64,AA)');
    expect(root.querySelector('img')).not.to.exist;
    expect(root.querySelector('a')?.href).to.equal('https://img.example/d.png');
    expect(root.querySelectorAll('a').length).to.equal(1);
  });

  it('leaves texts alone that are too long, too deep or too slow, and never throws', () => {
    const traps = [
      'x'.repeat(200_001),
      '>'.repeat(20_000) + ' a',
      '*a_'.repeat(5_000) + 'b' + '_a*'.repeat(5_000),
      Array.from({ length: 400 }, (_, depth) => `${' '.repeat(depth * 2)}- a`).join('\n'),
      '- a\n'.repeat(20_000),
    ];
    for (const trap of traps) expect(renderMarkdown(trap, PLAIN), trap.slice(0, 20)).to.equal(undefined);
  });

  it('is read or left alone in no time, whatever it is made of', () => {
    const traps = {
      'a gap': `x${' '.repeat(150_000)}x`,
      'many gaps': `x${' '.repeat(199)}`.repeat(700),
      stars: '*'.repeat(100_000),
      emphasis: '**a'.repeat(30_000),
      underscores: '_a*b'.repeat(30_000),
      brackets: '[a](b'.repeat(30_000),
      references: '[a]: b\n'.repeat(15_000),
      quotes: '>'.repeat(10_000),
      lists: Array.from({ length: 600 }, (_, depth) => `${' '.repeat(depth * 2)}- a`).join('\n'),
      ticks: '``a'.repeat(30_000),
      tags: '<a b="'.repeat(20_000),
      pipes: 'a|b\n-|-\n'.repeat(12_000),
      links: '[a](http://b.c) '.repeat(10_000),
      marks: '[1]'.repeat(30_000),
      dollars: '$a'.repeat(60_000),
      fences: '```\n'.repeat(25_000),
    };
    for (const [name, trap] of Object.entries(traps)) {
      const start = performance.now();
      renderMarkdown(trap, PLAIN);
      renderMarkdown(trap, { ...PLAIN, maths });
      // Without bounds these take up to 15 s; two readings of a fifth of a second each are what the bounds allow.
      expect(performance.now() - start, name).to.be.lessThan(4_000);
    }
  });

  it('leaves a text of a megabyte to those who show plain text', () => {
    expect(renderMarkdown('**a** '.repeat(170_000), PLAIN)).to.equal(undefined);
  });

  it('closes whatever was left open', () => {
    for (const text of [
      '**a',
      '*a `b',
      '[a](b',
      '[a',
      '![a](',
      '```\ncode',
      '| a |\n|--',
      '<b',
      '> ',
      '- [ ] ',
      '$x',
      '~~a',
      '&am',
    ]) {
      const root = draw(text, { maths });
      expect(offences(root)).to.deep.equal([]);
      expect(root.textContent, text).to.contain(/[a-z]+/.exec(text)?.[0] ?? '');
    }
  });

  it('shows halves of characters, and holds marks and turns of direction where they stand', () => {
    const marks = '\u0335'.repeat(500);
    const root = draw(`\ud800 a ${'z' + marks} b \udc00\n\nx \u202eevil [link](https://a.example) y\u202c`);
    expect(root.textContent).to.contain('\ud800 a z').and.to.contain('b \udc00');
    expect(root.textContent).not.to.contain('\u0335'.repeat(7));
    const isolated = [...root.querySelectorAll('bdi')].map(({ textContent }) => textContent);
    expect(isolated).to.deep.equal(['x \u202eevil ', ' y\u202c']);
  });

  it('leaves footnotes the text they are', () => {
    const root = draw('See[^1] and [^a].\n\n[^1]: https://a.example\n\n[^a]: the note');
    expect(root.textContent)
      .to.contain('See[^1] and [^a].')
      .and.to.contain('[^1]:')
      .and.to.contain('[^a]: the note');
  });

  it('is not slowed down by long bare addresses', () => {
    const start = performance.now();
    renderMarkdown('http://'.repeat(14_000) + '"'.repeat(100_000), PLAIN);
    // Two orders of magnitude below what the tokeniser takes by itself.
    expect(performance.now() - start).to.be.lessThan(5_000);
  });
});

describe('safeUrl', () => {
  it('refuses addresses with credentials, which can pretend another host', () => {
    expect(safeUrl('https://bank.example@evil.example/')).to.equal(undefined);
  });

  it('accepts the four schemes, in any case', () => {
    for (const address of ['HTTP://a.example', 'https://a.example', 'mailto:a@b.example', 'tel:+1']) {
      expect(safeUrl(address), address).to.be.instanceOf(URL);
    }
  });
});

describe('disguisedHost', () => {
  const disguised = (label: string, address: string) => disguisedHost(label, new URL(address));

  it('sees through labels that are addresses', () => {
    expect(disguised('https://bank.example/login', 'https://evil.example')).to.equal('evil.example');
    expect(disguised(' bank.example ', 'https://evil.example:8443')).to.equal('evil.example:8443');
    expect(disguised('bаnk.example', 'https://bank.example'), 'Cyrillic а').to.equal('bank.example');
    expect(disguised('bank.example', 'https://bank.example.evil.example')).to.equal(
      'bank.example.evil.example',
    );
  });

  it('gives names in other scripts as they are registered, and the address of a mail', () => {
    expect(disguised('https://\u0430pple.example', 'https://xn--pple-43d.example')).to.equal(
      'xn--pple-43d.example',
    );
    expect(disguised('Log in at https://bank.example', 'https://evil.example')).to.equal('evil.example');
    expect(disguised('help@bank.example', 'mailto:thief@evil.example')).to.equal('thief@evil.example');
    expect(disguised('bank.example', 'tel:+1900')).to.equal('+1900');
  });

  it('leaves honest labels alone', () => {
    expect(disguised('the docs', 'https://a.example')).to.equal(undefined);
    expect(disguised('www.a.example/x', 'https://a.example/x')).to.equal(undefined);
    expect(disguised('a.example', 'https://docs.a.example')).to.equal(undefined);
    expect(disguised('me@a.example', 'mailto:me@a.example')).to.equal(undefined);
  });
});

describe('decodeEntities', () => {
  it('resolves names and numbers, and leaves what it does not know', () => {
    expect(decodeEntities('&amp; &#65;&#x42; &hellip; &unknown; &amp;amp; & &#; &#0;')).to.equal(
      '& AB … &unknown; &amp; & &#; \ufffd',
    );
  });
});
