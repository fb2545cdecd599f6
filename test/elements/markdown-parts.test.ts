import { expect, waitUntil } from '@open-wc/testing';
import { html, render } from 'lit';
import { citationsOf, renderCitations, renderMark, styles } from '../../src/elements/chat-citations.ts';
import { ENGLISH } from '../../src/elements/language.ts';
import { maths } from '../../src/elements/markdown-extras.ts';
import type { MarkdownPorts } from '../../src/elements/markdown.ts';
import { originsOf } from '../../src/elements/image-origins.ts';
import { PLAIN, drawIn, offences } from './markdown-offences.ts';
import { renderMarkdown } from '../../src/elements/markdown.ts';

describe('Markdown of a message', () => {
  let stage: HTMLElement;

  beforeEach(() => {
    stage = document.body.appendChild(document.createElement('div'));
  });

  afterEach(() => stage.remove());

  const draw = (text: string, ports: Partial<MarkdownPorts> = {}) => drawIn(stage, text, ports);
  const find = async <Found extends Element>(selector: string): Promise<Found> => {
    await waitUntil(() => stage.querySelector(selector), `${selector} is drawn`);
    return stage.querySelector(selector) as Found;
  };

  describe('code', () => {
    it('is coloured when its grammar has come, and says the same', async () => {
      const code = 'const answer = "42"; // why';
      draw(`\`\`\`TS\n${code}\n\`\`\``);
      expect(stage.querySelector('pre')?.textContent, 'before').to.equal(code);
      expect((await find('.t-keyword')).textContent).to.equal('const');
      expect(stage.querySelector('.t-string')?.textContent).to.equal('"42"');
      expect(stage.querySelector('.t-comment')?.textContent).to.equal('// why');
      expect(stage.querySelector('pre')?.textContent, 'after').to.equal(code);
      await expect(stage).to.be.accessible();
    });

    it('is not coloured again when the message is drawn again', async () => {
      draw('```js\nlet a;\n```');
      const word = await find('.t-keyword');
      draw('```js\nlet a;\n```');
      expect(stage.querySelector('.t-keyword') === word, 'the same element').to.equal(true);
    });

    it('follows its text, also when colours come late', async () => {
      draw('```js\nlet first;\n```');
      draw('```js\nconst second = 1;\n```');
      await find('.t-keyword');
      expect(stage.querySelector('pre')?.textContent).to.equal('const second = 1;');
    });

    it('stays plain in a language nobody knows, and when it is long', async () => {
      const long = 'let a = 1;\n'.repeat(5_000);
      draw(`\`\`\`nosuch\nlet a\n\`\`\`\n\n\`\`\`js\n${long}\`\`\`\n\n\`\`\`js\nlet z;\n\`\`\``);
      await find('.t-keyword');
      expect([...stage.querySelectorAll('code')].map((code) => code.childElementCount > 0)).to.deep.equal([
        false,
        false,
        true,
      ]);
    });

    it('wraps its long lines when it is asked to', async () => {
      draw(`\`\`\`\n${'word '.repeat(30)}\n\`\`\``);
      const button = await find<HTMLButtonElement>('[aria-pressed]');
      expect(button.ariaLabel).to.equal('Wrap long lines');
      button.click();
      expect(button.ariaPressed).to.equal('true');
      expect(stage.querySelector('figure')?.className).to.contain('wraps');
      draw(`\`\`\`\n${'word '.repeat(30)}\n\`\`\``);
      expect(stage.querySelector('figure')?.className, 'drawn again').to.contain('wraps');
    });

    it('shows characters that would reorder it', () => {
      draw('`a\u202eb`\n\n```\nif (admin\u2066) {\n```');
      expect(stage.textContent).to.contain('a[U+202E]b').and.to.contain('if (admin[U+2066]) {');
    });
  });

  describe('a formula', () => {
    it('is drawn as MathML, in a line and for itself', async () => {
      draw('Euler: $e^{i\\pi}+1=0$, and \\(x_1\\).\n$$\n\\int_0^1 x\n+ \\frac{1}{2}\n$$\nand \\[a^2\\]', {
        maths,
      });
      await waitUntil(() => stage.querySelectorAll('math').length === 4);
      expect(stage.querySelectorAll('math[display=block]').length).to.equal(2);
      expect(stage.querySelector('mfrac')).to.exist;
      expect(offences(stage)).to.deep.equal([]);
      await expect(stage).to.be.accessible();
    });

    it('is no price, path or escaped word', () => {
      const text =
        'costs $5 and $6, US$5-$7, $HOME/bin:$PATH, $12.50 or 7$, \\[sic\\] \\(optional\\) $$ and $$';
      draw(text, { maths });
      expect(stage.querySelectorAll('.formula').length).to.equal(0);
      expect(stage.textContent?.replace(/\s+/g, ' ')).to.contain(
        'costs $5 and $6, US$5-$7, $HOME/bin:$PATH, $12.50 or 7$, [sic] (optional) $$ and $$',
      );
    });

    it('stays its source when it cannot be read, or goes beyond all bounds', async () => {
      const wrong = [
        '\\nosuch{1}',
        '\\frac{1',
        '\\def\\a{\\a\\a}\\a',
        '\\includegraphics{https://evil.example/x}',
      ];
      draw(`${wrong.map((tex) => `$${tex}$`).join(' and ')} then $x^2$`, { maths });
      await find('math');
      for (const tex of wrong) expect(stage.textContent).to.contain(`$${tex}$`);
      expect(stage.querySelectorAll('math').length).to.equal(1);
    });

    it('has a button that copies its source', async () => {
      const copied: unknown[] = [];
      draw('$$\\sqrt{2}$$', { maths, copy: (text) => Promise.resolve(copied.push(text) > 0) });
      (await find<HTMLButtonElement>('.formula button')).click();
      expect(copied).to.deep.equal(['\\sqrt{2}']);
    });
  });

  describe('a table', () => {
    const table = (rows: number) =>
      `| a | b |\n|---|--:|\n${Array.from({ length: rows }, (_, row) => `| **${row}** | x,${row} |`).join('\n')}`;

    it('is copied as CSV and as a table', async () => {
      const copied: (string | ClipboardItem)[] = [];
      draw('| a | b |\n|---|--:|\n| **1** | x, `"y"` <br> &amp; |\n| =SUM(A1) | <b> |', {
        copy: (content) => Promise.resolve(copied.push(content) > 0),
      });
      (await find<HTMLButtonElement>('[aria-label="Copy as CSV"]')).click();
      expect(copied[0]).to.equal('a,b\r\n1,"x, ""y"" \n &"\r\n\'=SUM(A1),<b>');
      stage.querySelector<HTMLButtonElement>('[aria-label="Copy table"]')?.click();
      const item = copied[1] as ClipboardItem;
      expect(await (await item.getType('text/html')).text()).to.contain('<td>&lt;b></td>');
      expect(await (await item.getType('text/plain')).text()).to.contain('| **1** |');
    });

    it('of 5,000 rows shows the first, and all when it is asked to', async () => {
      draw(table(5_000));
      expect(stage.querySelectorAll('tbody tr').length).to.equal(100);
      const button = await find<HTMLButtonElement>('figcaption button');
      expect(button.textContent?.trim()).to.equal('Show all 5,000 rows');
      button.focus();
      button.click();
      await waitUntil(() => stage.querySelectorAll('tbody tr').length === 5_000, 'all rows', {
        timeout: 20_000,
      });
      const last = [...stage.querySelectorAll('tr')].at(-1);
      expect(last?.querySelector('strong')?.textContent).to.equal('4999');
      expect(last?.querySelector('.right')?.textContent).to.equal('x,4999');
      expect(document.activeElement?.className, 'the focus').to.contain('scroll');
      expect(button.hidden).to.equal(true);
    }).timeout(60_000);

    it('says how many rows it has, and associates cells with their heads', async () => {
      draw(table(2));
      expect((await find('figcaption span')).textContent).to.equal('2 rows');
      expect([...stage.querySelectorAll('th')].map(({ scope }) => scope)).to.deep.equal(['col', 'col']);
      await expect(stage).to.be.accessible();
    });
  });

  describe('an image', () => {
    const here = new URL('./pixel.png', import.meta.url);
    const imageOrigins = originsOf(`https://pictures.example, ${location.origin}`);

    it('of an allowed origin is shown lazily and without telling who asks', async () => {
      draw(`![A chart](${here.href})`, { imageOrigins });
      const image = await find<HTMLImageElement>('img');
      expect([image.loading, image.decoding, image.referrerPolicy, image.alt]).to.deep.equal([
        'lazy',
        'async',
        'no-referrer',
        'A chart',
      ]);
      expect(image.closest('a')?.target).to.equal('_blank');
      expect(stage.querySelector('.caption')?.textContent).to.equal('A chart');
    });

    it('that fails is a link with its words', async () => {
      draw(`![A chart](${here.href})`, { imageOrigins });
      const image = await find<HTMLImageElement>('img');
      image.dispatchEvent(new Event('error'));
      expect(image.hidden).to.equal(true);
      expect(stage.querySelector('a .caption:not([aria-hidden])')?.textContent).to.equal('A chart');
    });

    it('of any other origin is a link that says where it leads', () => {
      for (const address of [
        'https://pictures.example.evil.example/x',
        'https://pictures.example:444/x',
        'http://pictures.example/x',
      ]) {
        draw(`![A chart](${address})`, { imageOrigins });
        expect(stage.querySelectorAll('img, .image').length, address).to.equal(0);
        expect(stage.textContent?.replace(/\s+/g, ' ').trim()).to.equal(`A chart (${new URL(address).host})`);
      }
    });
  });

  describe('sources', () => {
    const citations = citationsOf({
      data: {
        citations: [
          { title: 'Annual report', url: 'https://docs.example/report', snippet: 'It grew.' },
          'https://other.example/x',
          { title: 'Minutes', id: 'm1', number: 7 },
          { nothing: true },
          null,
        ],
      },
    });
    const cite = (mark: string) => renderMark(mark, citations, ENGLISH);
    const drawAll = () =>
      render(
        html`<div>
          <div class="rich">
            ${renderMarkdown('Grew [1], as [2][7] and 【m1†minutes】 say, not [9] nor `[1]`; [1, 2].', { ...PLAIN, cite })}
          </div>
          ${renderCitations(citations, ENGLISH)}
        </div>`,
        stage,
      );

    it('are numbers in the text that lead to the list below', async () => {
      drawAll();
      const marks = [...stage.querySelectorAll<HTMLButtonElement>('.cite')];
      expect(marks.map(({ textContent }) => textContent?.trim())).to.deep.equal([
        '1',
        '2',
        '7',
        '7',
        '1',
        '2',
      ]);
      expect(marks[0]?.ariaLabel).to.equal('Source 1: Annual report');
      expect(stage.textContent).to.contain('not [9] nor [1]');
      stage.querySelector('details')?.removeAttribute('open');
      marks[2]?.click();
      expect(stage.querySelector('details')?.open).to.equal(true);
      expect(document.activeElement?.textContent).to.contain('Minutes');
      await expect(stage).to.be.accessible();
    });

    it('stay apart from each other, and together with what ends the sentence', () => {
      const { styleSheet } = styles;
      if (styleSheet) document.adoptedStyleSheets.push(styleSheet);
      drawAll();
      stage.style.inlineSize = '60px';
      const marks = [...stage.querySelectorAll<HTMLElement>('.cites')];
      const lines = marks.map((mark) => new Set([...mark.getClientRects()].map(({ bottom }) => bottom)).size);
      expect(lines).to.deep.equal(marks.map(() => 1));
      expect(marks.at(-1)?.innerText.replace(/\s+/g, ' ')).to.equal('1 2.');
      stage.removeAttribute('style');
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== styleSheet);
    });

    it('are listed with title, host and what they say', () => {
      drawAll();
      expect(citations.length).to.equal(3);
      const [first, second, third] = [...stage.querySelectorAll('.sources li')];
      expect(first?.querySelector('a')?.href).to.equal('https://docs.example/report');
      expect(first?.textContent)
        .to.contain('Annual report')
        .and.to.contain('docs.example')
        .and.to.contain('It grew.');
      expect(second?.querySelector('a')?.textContent).to.equal('other.example');
      expect(third?.getAttribute('value')).to.equal('7');
      expect(third?.querySelectorAll('a').length).to.equal(0);
    });

    it('are none in data of another shape', () => {
      for (const data of [undefined, null, 'x', [], { citations: {} }, { sources: 'x' }]) {
        expect(citationsOf({ data })).to.deep.equal([]);
      }
      expect(renderCitations([], ENGLISH)).to.equal(undefined);
    });
  });
});
