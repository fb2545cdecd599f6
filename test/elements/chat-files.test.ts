import { expect } from '@open-wc/testing';
import { nothing, render } from 'lit';
import { renderFiles } from '../../src/elements/chat-files.ts';
import { ENGLISH } from '../../src/elements/language.ts';
import { pictureSize } from '../../src/elements/picture-size.ts';
import { waitFor } from '../support/wait.ts';

let stage: HTMLElement;

// Without a size they push what comes after them out of view.
const sheet = new CSSStyleSheet();
sheet.replaceSync('.icon { inline-size: 16px }');
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

function draw(data: unknown): HTMLElement {
  stage?.remove();
  stage = document.body.appendChild(document.createElement('div'));
  render(renderFiles(data, ENGLISH) ?? nothing, stage);
  return stage;
}

/** A picture of `type` in two colours. */
async function drawn(type: string, width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const pen = canvas.getContext('2d');
  pen?.fillRect(0, 0, width / 2, height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type));
  expect(blob?.type).to.equal(type);
  return new Uint8Array(await blob!.arrayBuffer());
}

const base64 = (bytes: Uint8Array) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
const file = (content: string, contentType: string, fileName = 'file') => ({
  content,
  contentType,
  fileName,
});
const canvases = (root: HTMLElement) => [...root.querySelectorAll('canvas')];

describe('renderFiles', () => {
  afterEach(() => stage?.remove());

  it('counts the bytes of a file that does not say its size', () => {
    for (const [bytes, text] of [
      [1, '1 byte'],
      [2, '2 bytes'],
      [3, '3 bytes'],
    ] as const) {
      const root = draw({ fileName: 'a', content: btoa('x'.repeat(bytes)) });
      expect(root.querySelector('.detail')?.textContent.trim()).to.equal(text);
    }
  });

  for (const type of ['image/png', 'image/jpeg', 'image/webp']) {
    it(`draws a preview of ${type}, and asks for no address`, async () => {
      const bytes = await drawn(type, 900, 300);
      expect(pictureSize(bytes)).to.deep.equal({ width: 900, height: 300 });
      const root = draw(file(base64(bytes), type, 'photo'));
      const [canvas] = canvases(root);
      await waitFor(() => canvas && !canvas.hidden, 'the preview is there');
      expect(canvas?.width).to.equal(640);
      expect(canvas?.height).to.equal(213);
      expect(root.querySelector('img')).not.to.exist;
      await expect(root).to.be.accessible();
    });
  }

  it('draws no picture of a few pixels, which would be a stray dot', async () => {
    const [dot, photo] = await Promise.all([drawn('image/png', 90, 4), drawn('image/png', 90, 40)]);
    const root = draw({ files: [dot, photo].map((bytes) => file(base64(bytes), 'image/png')) });
    await waitFor(() => canvases(root).at(-1)?.hidden === false, 'the other is there');
    expect(canvases(root).map(({ hidden }) => hidden)).to.deep.equal([true, false]);
  });

  it('looks out for what comes into view only while it is in the page', async () => {
    const watching = new Set<IntersectionObserver>();
    const { observe, disconnect } = IntersectionObserver.prototype;
    IntersectionObserver.prototype.observe = function (target) {
      watching.add(this);
      observe.call(this, target);
    };
    IntersectionObserver.prototype.disconnect = function () {
      watching.delete(this);
      disconnect.call(this);
    };
    try {
      const bytes = await drawn('image/png', 40, 30);
      const content = renderFiles(file(base64(bytes), 'image/png'), ENGLISH);
      stage = document.body.appendChild(document.createElement('div'));
      stage.hidden = true;
      const part = render(content, stage);
      expect(watching.size).to.equal(1);
      part.setConnected(false);
      expect(watching.size, 'out of the page').to.equal(0);
      part.setConnected(true);
      expect(watching.size, 'back in it').to.equal(1);
      stage.hidden = false;
      await waitFor(() => canvases(stage)[0]?.hidden === false, 'the preview is there');
      expect(watching.size).to.equal(0);
    } finally {
      Object.assign(IntersectionObserver.prototype, { observe, disconnect });
    }
  });

  it('reads the sizes of the other kinds, and none of what is cut off', () => {
    const bytes = (...parts: (string | number[])[]) =>
      new Uint8Array(
        parts.flatMap((part) =>
          typeof part === 'string' ? Array.from(part, (sign) => sign.charCodeAt(0)) : part,
        ),
      );
    const size = { width: 300, height: 200 };
    expect(pictureSize(bytes('GIF89a', [0x2c, 1, 200, 0, 0, 0]))).to.deep.equal(size);
    expect(
      pictureSize(bytes('RIFF0000WEBPVP8X', [10, 0, 0, 0, 0, 0, 0, 0, 0x2b, 1, 0, 199, 0, 0])),
    ).to.deep.equal(size);
    const box = bytes(
      [0, 0, 0, 20],
      'ftypavif0000',
      [0, 0, 0, 20],
      'ispe',
      [0, 0, 0, 0, 0, 0, 1, 0x2c, 0, 0, 0, 200],
    );
    expect(pictureSize(bytes(String.fromCharCode(...box), 'data'))).to.deep.equal(size);
    for (const start of [
      'GIF8',
      '\x89PNG',
      'RIFF0000WEBPVP8X',
      '\xff\xd8\xff\xc0',
      '\0\0\0\0ftypavif',
      '<svg>',
      '',
    ]) {
      expect(pictureSize(bytes(start)), JSON.stringify(start)).to.equal(undefined);
    }
  });

  it('decodes no picture that says it has more pixels than memory is good for', async () => {
    const bomb = await drawn('image/png', 4, 4);
    const view = new DataView(bomb.buffer);
    view.setUint32(16, 60_000);
    view.setUint32(20, 60_000);
    const fine = await drawn('image/png', 40, 40);
    let decoded = 0;
    const decode = window.createImageBitmap;
    window.createImageBitmap = ((picture: Blob) => {
      decoded++;
      return decode(picture);
    }) as typeof decode;
    const root = draw({ files: [file(base64(bomb), 'image/png'), file(base64(fine), 'image/png')] });
    const [first, second] = canvases(root);
    await waitFor(() => second && !second.hidden, 'the other preview is there');
    window.createImageBitmap = decode;
    expect(decoded).to.equal(1);
    expect(first?.hidden).to.equal(true);
    expect(root.querySelectorAll('button').length).to.equal(2);
  });

  it('draws no SVG, and shows what claims to be a picture and is none as a file', async () => {
    const fine = await drawn('image/png', 40, 40);
    const cut = await drawn('image/png', 40, 40);
    const root = draw({
      files: [
        file(
          btoa('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
          'image/svg+xml',
        ),
        file(btoa('no picture'), 'image/png'),
        file(base64(cut.slice(0, 45)), 'image/png'),
        file(base64(fine), 'image/png'),
      ],
    });
    const all = canvases(root);
    expect(all.length).to.equal(3);
    await waitFor(() => all[2] && !all[2].hidden, 'the last preview is there');
    expect(all.map(({ hidden }) => hidden)).to.deep.equal([true, true, false]);
    expect(root.querySelectorAll('li .icon').length).to.equal(8);
  });

  it('says which file is damaged, and offers the others', async () => {
    const root = draw({
      files: [
        file('%%% not base64 %%%', 'text/plain', 'a.txt'),
        file(btoa('fine'), 'text/plain', 'b.txt'),
        { name: 1 },
      ],
    });
    const rows = [...root.querySelectorAll('li')];
    expect(rows.map((row) => row.querySelector('button')?.getAttribute('aria-label'))).to.deep.equal([
      undefined,
      'Download b.txt',
    ]);
    expect(rows[0]?.textContent).to.contain('damaged');
    await expect(root).to.be.accessible();
  });

  it('takes base64 as it is written in addresses, with line breaks, and behind a data address', () => {
    const root = draw({
      files: [
        file('-_-_', '', 'a'),
        file('AA\r\nAA', '', 'b'),
        file('data:text/plain;base64,AAAA', '', 'c'),
        file('', '', 'd'),
      ],
    });
    expect(root.querySelectorAll('button').length).to.equal(4);
  });

  it('names a file by what it is for people, however long its name and type are', () => {
    const root = draw(file('AAAA', `application/${'x'.repeat(500)}`, `${'a'.repeat(40_000)}.tar.gz`));
    expect(root.querySelector('bdi')?.textContent.length).to.equal(120);
    expect(root.querySelector('.detail')?.textContent.trim()).to.equal('GZ · 3 bytes');
  });
});
