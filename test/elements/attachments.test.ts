import { expect } from '@open-wc/testing';
import '../../src/index.ts';
import { isAccepted } from '../../src/elements/attachment.ts';
import { harmlessFileName } from '../../src/elements/file-name.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { ComposerChat, plain } from './composer-chat.ts';

/** What the server has of a file. */
interface StoredFile {
  readonly content: string;
  readonly fileName: string;
  readonly contentType: string;
  readonly fileSize: number;
}

describe('files in the composer', () => {
  let server: TestServer;
  let chat: ComposerChat;

  beforeEach(async () => {
    server = await startServer({ agentDelayMs: 20 });
  });
  afterEach(() => server.stop());

  async function mount(attributes: Readonly<Record<string, string>> = {}, visitor?: string): Promise<void> {
    chat = await ComposerChat.mount(server, { attachments: '', ...attributes }, visitor);
    await chat.finds('.attach');
  }

  const file = (name: string, content: BlobPart = 'content', type = 'text/plain') =>
    new File([content], name, { type });

  /** Chooses files by the button. */
  async function choose(...files: readonly File[]): Promise<void> {
    const transfer = new DataTransfer();
    for (const one of files) transfer.items.add(one);
    const input = chat.control('input[type=file]');
    input.files = transfer.files;
    input.dispatchEvent(new Event('change'));
    await settled();
  }

  /** Drops or pastes what need not be a file of the browser. */
  async function hand(type: 'drop' | 'paste' | 'dragenter', data: object): Promise<Event> {
    const event = new Event(type, { bubbles: true, composed: true, cancelable: true });
    Object.defineProperty(event, type === 'paste' ? 'clipboardData' : 'dataTransfer', { value: data });
    chat.field.dispatchEvent(event);
    await settled();
    return event;
  }

  const dropped = (...files: readonly object[]) => ({ types: ['Files'], files, items: [] });
  const settled = () =>
    chat.element.updateComplete.then(() =>
      waitFor(() => !chat.words('.attachment').some((words) => /Preparing/.test(words)), 'all is prepared'),
    );
  const names = () => chat.words('.attachment bdi');
  const refusals = () => chat.words('.refusal');

  async function stored(): Promise<{ type: string; text: string | null; files: StoredFile[] }[]> {
    const report = await server.report();
    return report.stored
      .filter(({ direction }) => direction === 'Incoming')
      .map(({ messageType, text, data }) => ({
        type: messageType,
        text,
        files: (data as { files?: StoredFile[] } | null)?.files ?? [],
      }));
  }
  const hasStored = (count: number) =>
    waitFor(async () => (await stored()).length === count, `${count} messages are stored`, 20_000);

  /** A picture that does not compress well. */
  async function photo(width: number, height: number, type = 'image/jpeg'): Promise<Blob> {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d')!;
    for (let i = 0; i < 3_000; i++) {
      context.fillStyle = `hsl(${(i * 77) % 360} 60% ${(i * 31) % 100}%)`;
      context.fillRect((i * 7_919) % width, (i * 104_729) % height, 1 + (i % 90), 1 + (i % 70));
    }
    return canvas.convertToBlob({ type, quality: 0.95 });
  }

  it('are offered only where the page asks for them', async () => {
    chat = await ComposerChat.mount(server, {});
    expect(chat.find('.attach')).to.equal(null);
    chat.element.attachments = '.pdf';
    expect(((await chat.finds('input[type=file]')) as HTMLInputElement).accept).to.equal('.pdf');
  });

  it('go before the text, small ones together, and the field is empty then', async () => {
    await mount();
    await choose(file('a.txt', 'first'), file('b.txt', 'second'), file('c.bin', new Uint8Array(20_000), ''));
    expect(names()).to.deep.equal(['a.txt', 'b.txt', 'c.bin']);
    await expect(chat.element).to.be.accessible();
    await choose(file('d.bin', new Uint8Array(20_000), 'application/x-d'));
    await chat.write('Here they are');
    expect(chat.press('Enter')).to.equal(true);
    await hasStored(3);
    const messages = await stored();
    expect(
      messages.map(({ type, text, files }) => [type, text, files.map(({ fileName }) => fileName)]),
    ).to.eql([
      ['File', null, ['a.txt', 'b.txt', 'c.bin']],
      ['File', null, ['d.bin']],
      ['Chat', 'Here they are', []],
    ]);
    expect(messages[0]!.files[0]).to.eql({
      content: btoa('first'),
      fileName: 'a.txt',
      contentType: 'text/plain',
      fileSize: 5,
    });
    expect(names()).to.deep.equal([]);
    expect(chat.field.value).to.equal('');
  });

  it('can be sent without a text', async () => {
    await mount();
    expect(chat.control('.send').disabled).to.equal(true);
    await choose(file('a.txt'));
    expect(chat.control('.send').disabled).to.equal(false);
    chat.find('.send')!.click();
    await hasStored(1);
    await waitFor(() => chat.control('.send').disabled, 'nothing is left to send');
  });

  it('are made smaller when they are pictures that do not fit, and that is said', async () => {
    await mount();
    await choose(new File([await photo(2_400, 1_200)], 'Holiday.JPEG', { type: 'image/jpeg' }));
    const [words] = chat.words('.attachment');
    expect(words).to.match(/^Holiday\.webp .*made smaller to fit: 2400 × 1200 → \d+ × \d+$/);
    expect(chat.find('.attachment canvas'), 'a small picture of it').not.to.equal(null);
    chat.press('Enter');
    await hasStored(1);
    const [sent] = (await stored())[0]!.files;
    const picture = await createImageBitmap(
      await (await fetch(`data:image/webp;base64,${sent!.content}`)).blob(),
    );
    expect(picture.width / picture.height).to.be.closeTo(2, 0.02);
    expect(picture.width).to.be.at.least(300);
    expect(sent!.fileSize).to.be.within(12_000, 24_600);
    expect(sent!.contentType).to.equal('image/webp');
  });

  it('keep their side up when the camera was turned', async () => {
    await mount();
    // An Exif segment after the first two bytes: orientation 6, to be turned by a quarter.
    const exif = '4578696600004d4d002a00000008000101120003000000010006000000000000';
    const bytes = Uint8Array.from(exif.match(/../g)!, (hex) => parseInt(hex, 16));
    const jpeg = await photo(1_200, 600);
    const segment = new Uint8Array([0xff, 0xe1, 0, bytes.length + 2, ...bytes]);
    await choose(new File([jpeg.slice(0, 2), segment, jpeg.slice(2)], 'a.jpg', { type: 'image/jpeg' }));
    expect(chat.words('.attachment')[0]).to.contain('600 × 1200 →');
  });

  it('stay as they are when they fit, moving pictures too', async () => {
    await mount();
    const gif = Uint8Array.from(atob('R0lGODlhAQABAIAAAAUEBAAAACwAAAAAAQABAAACAkQBADs='), (c) =>
      c.charCodeAt(0),
    );
    await choose(file('dance.gif', gif, 'image/gif'));
    chat.press('Enter');
    await hasStored(1);
    expect((await stored())[0]!.files[0]).to.include({ fileName: 'dance.gif', fileSize: gif.length });
  });

  it('are refused with a reason, and lose nothing that was typed or chosen', async () => {
    await mount({ attachments: 'image/*, .txt,.PDF' });
    await chat.write('my text');
    await choose(
      file('fine.txt'),
      file('virus.exe', 'x', ''),
      file('empty.txt', ''),
      file('book.pdf', new Uint8Array(90_000), 'application/pdf'),
      file('broken.png', new Uint8Array(90_000), 'image/png'),
    );
    expect(names()).to.deep.equal(['fine.txt']);
    const said = refusals().join(' | ');
    expect(said).to.contain('virus.exe is not of a kind that can be sent here.');
    expect(said).to.contain('empty.txt is empty.');
    expect(said).to.match(/book\.pdf is too large: it has 90 kB, and one message can carry 24\.\d kB\./);
    expect(said).to.contain('broken.png cannot be opened as a picture');
    expect(chat.field.value).to.equal('my text');
    await expect(chat.element).to.be.accessible();
    chat.find('.composer .banner button')!.click();
    await chat.element.updateComplete;
    expect(refusals()).to.deep.equal([]);
    expect(chat.element.shadowRoot!.activeElement).to.equal(chat.field);
  });

  it('are not read when they are far too large, and refused when they have gone', async () => {
    await mount();
    let reads = 0;
    const large = (name: string, type: string) => ({
      name,
      type,
      size: 2 ** 31,
      arrayBuffer: () => Promise.resolve(reads++),
    });
    await hand('drop', dropped(large('film.mp4', 'video/mp4'), large('scan.png', 'image/png')));
    expect(refusals()[0]).to.match(/^film\.mp4 is too large: it has 2\.1 GB/);
    expect(refusals()[1]).to.match(/^scan\.png is too large: it has 2\.1 GB/);
    expect(reads).to.equal(0);
    const gone = {
      name: 'gone.txt',
      type: 'text/plain',
      size: 10,
      arrayBuffer: () => Promise.reject(new DOMException()),
    };
    await hand('drop', dropped(gone));
    await waitFor(() => refusals().length > 0, 'a refusal');
    expect(refusals()).to.deep.equal(['gone.txt cannot be read. It may have been moved or deleted.']);
  });

  it('stay refused to the eye until something else is, or that is dismissed', async () => {
    await mount({ attachments: '.txt' });
    const refused = 'evil.exe is not of a kind that can be sent here.';
    await hand('paste', { types: ['Files'], files: [file('evil.exe', 'x', '')] });
    await waitFor(() => refusals().length > 0, 'a refusal');
    await hand('paste', { types: ['Files'], files: [file('ok.txt')] });
    await waitFor(() => names().includes('ok.txt'), 'the other file');
    expect(refusals()).to.deep.equal([refused]);
    await hand('paste', { types: ['Files'], files: [file('empty.txt', '')] });
    await waitFor(() => refusals().join() === 'empty.txt is empty.', 'the newer refusal');
  });

  it('tell before they are sent that a slow connection does not carry them', async () => {
    await mount();
    await server.control({ fault: 'block-websockets', on: true });
    await server.control({ fault: 'drop-sockets' });
    await waitFor(
      () => ['sse', 'poll'].includes(chat.element.client?.status.channel ?? ''),
      'the slow connection',
      30_000,
    );
    await choose(file('note.txt'));
    const slow = 'The connection is slow. Files are sent once it is fast again.';
    expect(chat.words('.slow')).to.deep.equal([slow]);
    await waitFor(
      () => chat.words('.hush[role=status]').includes(`note.txt is attached. ${slow}`),
      'it is said, too',
    );
    await expect(chat.element).to.be.accessible();
    await chat.write('and a text');
    chat.press('Enter');
    await waitFor(
      () => chat.words('.own .meta').some((words) => words.includes('Waits for the file before it')),
      `the text tells why it waits: ${chat.words('.own .meta').join('|')}`,
    );
  });

  it('are at most five at once', async () => {
    await mount();
    await choose(...Array.from({ length: 100 }, (_, i) => file(`${i}.txt`)));
    expect(names()).to.deep.equal(['0.txt', '1.txt', '2.txt', '3.txt', '4.txt']);
    expect(refusals()).to.deep.equal(['Up to 5 files can be sent at once. 95 were left out.']);
  });

  it('can be dropped on the window, which says so, and folders cannot', async () => {
    await mount();
    await hand('dragenter', { types: ['text/plain'] });
    expect(chat.find('.drop')).to.equal(null);
    await hand('dragenter', { types: ['Files'] });
    expect(chat.words('.drop')).to.deep.equal(['Drop files here to send them']);
    const folder = file('folder', '', '');
    const items = [
      { kind: 'file', getAsFile: () => folder, webkitGetAsEntry: () => ({ isDirectory: true }) },
      { kind: 'file', getAsFile: () => null, webkitGetAsEntry: () => ({ isDirectory: false }) },
    ];
    const event = await hand('drop', { types: ['Files'], files: [folder, file('a.txt')], items });
    expect(event.defaultPrevented, 'the browser stays on the page').to.equal(true);
    expect(chat.find('.drop')).to.equal(null);
    expect(names()).to.deep.equal(['a.txt']);
    expect(refusals()).to.deep.equal(['folder is a folder. Choose the files in it.']);
  });

  it('can be pasted, unless they only stand beside a text', async () => {
    await mount();
    const shot = file('image.png', await photo(40, 40, 'image/png'), 'image/png');
    const text = await hand('paste', { types: ['text/plain', 'Files'], files: [shot] });
    expect(text.defaultPrevented).to.equal(false);
    const picture = await hand('paste', { types: ['Files'], files: [shot] });
    expect(picture.defaultPrevented).to.equal(true);
    expect(names()).to.deep.equal(['image.png']);
  });

  it('stay, and the text with them, when the page or the queue does not take them', async () => {
    await mount();
    await choose(file('a.txt'));
    await chat.write('my text');
    const seen: unknown[] = [];
    chat.element.addEventListener(
      'xians-before-send',
      (event) => {
        seen.push(event.message.type);
        event.preventDefault();
      },
      { once: true },
    );
    chat.press('Enter');
    await waitFor(() => seen.length > 0 && chat.element.draft === 'my text', 'the text is back');
    expect(seen).to.deep.equal(['File']);
    expect(names()).to.deep.equal(['a.txt']);

    chat.element.addEventListener(
      'xians-before-send',
      (event) => {
        event.message = { text: 'x'.repeat(40_000) };
      },
      { once: true },
    );
    chat.press('Enter');
    await waitFor(
      () => chat.words('.composer .banner').some((words) => /too long/.test(words)),
      'the reason',
    );
    expect(chat.field.value).to.equal('my text');
    expect(names()).to.deep.equal(['a.txt']);
    expect(await stored()).to.deep.equal([]);
  });

  it('can be removed one by one, and focus stays near', async () => {
    await mount();
    await choose(file('a.txt'), file('b.txt'));
    const buttons = () => chat.all('.attachment button');
    expect(plain(buttons()[0]!.getAttribute('aria-label')!)).to.equal('Remove a.txt');
    buttons()[0]!.click();
    await waitFor(() => chat.element.shadowRoot!.activeElement === buttons()[0], 'focus is on the next one');
    expect(names()).to.deep.equal(['b.txt']);
    buttons()[0]!.click();
    await waitFor(() => chat.element.shadowRoot!.activeElement === chat.field, 'focus is in the field');
    expect(chat.words('[role=status]').some((words) => words === 'b.txt is removed.')).to.equal(true);
  });

  it('belong to their conversation, survive a closed window, and are gone after a sign-out', async () => {
    await mount({ display: 'bubble', open: '' });
    await choose(file('a.txt'));
    chat.element.topic = 'orders';
    await chat.element.updateComplete;
    expect(names()).to.deep.equal([]);
    chat.element.topic = undefined;
    chat.element.hide();
    await chat.element.updateComplete;
    chat.element.show();
    await chat.element.updateComplete;
    expect(names()).to.deep.equal(['a.txt']);
    await waitFor(() => chat.element.conversation?.loading === undefined, 'the conversation is known');
    await chat.element.updateComplete;
    await chat.element.logout();
    await waitFor(() => names().length === 0, 'nothing is left');
  });
});

describe('the kinds of files that are taken', () => {
  for (const [accept, name, type, taken] of [
    ['', 'a.exe', '', true],
    ['image/*', 'a.png', 'image/png', true],
    ['image/*', 'a.png', '', false],
    ['.PNG', 'A.png', '', true],
    ['.pdf, text/plain', 'a', 'text/plain', true],
    ['.pdf,text/plain', 'a.txt', 'text/plainer', false],
    ['*/*', 'a', '', true],
  ] as const) {
    it(`${taken ? 'include' : 'exclude'} ${name} (${type || 'of no type'}) where they are "${accept}"`, () => {
      expect(isAccepted({ name, type }, accept)).to.equal(taken);
    });
  }
});

describe('the name of a file', () => {
  it('has no folders, and nothing that makes it look like another', () => {
    expect(harmlessFileName('../../etc/passwd')).to.equal('passwd');
    expect(harmlessFileName('C:\\fakepath\\a.txt')).to.equal('a.txt');
    expect(harmlessFileName('a\u202Efdp.exe')).to.equal('afdp.exe');
    expect(harmlessFileName('a\u0000\n\uD800b.txt')).to.equal('ab.txt');
    expect(harmlessFileName('\u200B ')).to.equal('');
    const long = harmlessFileName(`${'😀'.repeat(200)}.pdf`);
    expect(long.length).to.be.at.most(120);
    expect(long.endsWith('😀.pdf')).to.equal(true);
  });
});
