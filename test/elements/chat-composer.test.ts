import { expect } from '@open-wc/testing';
import '../../src/index.ts';
import { ChatHours } from '../../src/elements/chat-hours.ts';
import type { ChatViewHost } from '../../src/elements/chat-view-host.ts';
import { XiansErrorEvent } from '../../src/elements/events.ts';
import { ENGLISH } from '../../src/elements/language.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { ComposerChat } from './composer-chat.ts';

const NEVER = 'Mo 03:00-03:01 UTC';

describe('the composer', () => {
  let server: TestServer;
  let chat: ComposerChat;

  beforeEach(async () => {
    server = await startServer({ agentDelayMs: 20 });
  });
  afterEach(() => server.stop());

  const open = async (attributes: Readonly<Record<string, string>> = {}) => {
    chat = await ComposerChat.mount(server, attributes);
    await chat.finds('textarea');
  };
  const texts = () => chat.element.conversation?.messages.map(({ text }) => text) ?? [];

  it('opens the last message that waits with the up key, from an empty field only', async () => {
    await open();
    expect(chat.press('ArrowUp'), 'nothing waits').to.equal(false);
    await server.control({ fault: 'down' });
    await waitFor(() => chat.element.client?.state !== 'live', 'the server is away');
    await chat.element.send('first');
    await chat.element.send('second');
    await waitFor(
      () =>
        chat.element.conversation?.messages.every(({ delivery }) => delivery?.state === 'queued') ?? false,
      'both wait',
    );
    await chat.write('a draft');
    expect(chat.press('ArrowUp')).to.equal(false);
    await chat.write('');
    expect(chat.press('ArrowUp', { shiftKey: true })).to.equal(false);
    expect(chat.press('ArrowUp')).to.equal(true);
    await waitFor(() => chat.field.value === 'second', 'it is in the field');
    await chat.write('second, changed');
    chat.press('Enter');
    await waitFor(() => texts().includes('second, changed'), 'it is changed');
    expect(texts()).to.deep.equal(['first', 'second, changed']);
  });

  it('sends no halves of characters', async () => {
    await open();
    await chat.write('a\uD83D b\uDE00 😀');
    chat.press('Enter');
    await waitFor(async () => (await server.report()).stored.length > 0, 'it is stored', 20_000);
    expect((await server.report()).stored[0]!.text).to.equal('a\uFFFD b\uFFFD 😀');
  });

  it('keeps a megabyte that was pasted, says that it is too long, and gives it back', async () => {
    await open();
    const text = 'A line of words.\n'.repeat(62_000);
    await chat.write(text);
    expect(chat.words('.limit')[0]).to.match(/^1,0\d\d,\d\d\d characters too long to send in one message$/);
    chat.press('Enter');
    await waitFor(
      () => chat.words('.composer .banner').some((words) => /too long/.test(words)),
      'the reason',
    );
    expect(chat.field.value).to.equal(text);
    expect(chat.element.client?.state).to.equal('live');
  });

  it('is written from the side of the first letter, and from that of the page while there is none', async () => {
    await open();
    for (const [text, dir] of [
      ['', ''],
      ['12 … שלום abc', 'rtl'],
      ['😀 hello سلام', 'ltr'],
      ['你好', 'ltr'],
      ['…', ''],
    ] as const) {
      await chat.write(text);
      expect(chat.field.dir, text).to.equal(dir);
    }
  });

  it('counts what is left as the server does', async () => {
    await open();
    const room = chat.element.conversation!.room({ text: 'x' });
    await chat.write('x'.repeat(room - 9));
    expect(chat.words('.limit')).to.deep.equal(['10 characters left']);
    await chat.write('"'.repeat(room / 2 + 1));
    expect(chat.words('.limit')[0]).to.match(/too long/);
  });

  describe('outside of the hours', () => {
    it('says so, and when somebody is back, and is open for writing', async () => {
      await open({ hours: NEVER, 'away-text': 'Our shop sleeps' });
      const [words] = (await chat.finds('.away')) && chat.words('.away');
      expect(words).to.match(
        /^Our shop sleeps\. We are back (today|tomorrow|on \S+( \S+ \d+)?)( at|, ).*\.$/,
      );
      expect(chat.field.disabled).to.equal(false);
      await expect(chat.element).to.be.accessible();
      chat.element.awayText = undefined;
      await chat.element.updateComplete;
      expect(chat.words('.away')[0]).to.match(/^We are not here right now\./);
    });

    it('looks at the clock only for a chat that is in the page', () => {
      const host = {
        hours: NEVER,
        language: ENGLISH,
        isConnected: true,
        requestUpdate: () => {},
      } as unknown as ChatViewHost;
      const waiting = new Set<unknown>();
      const { setTimeout, clearTimeout } = window;
      const timers = {
        setTimeout: (...args: Parameters<typeof setTimeout>) => {
          const timer = setTimeout(...args);
          waiting.add(timer);
          return timer;
        },
        clearTimeout: (timer: number) => {
          waiting.delete(timer);
          clearTimeout(timer);
        },
      };
      try {
        Object.assign(window, timers);
        const hours = new ChatHours(host);
        expect(hours.render(Date.now())).to.not.equal(undefined);
        expect(waiting.size).to.equal(1);
        hours.rest();
        Object.assign(host, { isConnected: false });
        hours.render(Date.now());
        expect(waiting.size, 'drawn once more after it was removed').to.equal(0);
      } finally {
        Object.assign(window, { setTimeout, clearTimeout });
      }
    });

    it('says nothing while somebody is there, or where they cannot be read, of which the page is told', async () => {
      const errors: string[] = [];
      const listen = (event: Event) => {
        if (event instanceof XiansErrorEvent) errors.push(event.error.code);
      };
      document.addEventListener('xians-error', listen);
      await open({ hours: 'whenever' });
      await waitFor(() => errors.length > 0, 'the page is told');
      document.removeEventListener('xians-error', listen);
      expect(errors).to.deep.equal(['input']);
      expect(chat.find('.away')).to.equal(null);
      chat.element.hours = NEVER;
      await chat.finds('.away');
      chat.element.hours = '24/7';
      await waitFor(() => chat.find('.away') === null, 'somebody is there');
    });
  });
});
