import { expect } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import type { Message } from '../../src/protocol/types.ts';
import { waitFor } from '../support/wait.ts';
import { message, NOW, own, ViewHost } from './view-host.ts';

const MINUTE = 60_000;

/** Mixed messages, the last of them now, ten minutes apart so that each says who and when. */
const long = (count: number, from = 0): Message[] =>
  Array.from({ length: count }, (_, index) => {
    const number = from + index;
    const createdAt = NOW - (count - index) * 10 * MINUTE;
    const id = `m${number}`;
    if (number % 3 === 0) return { ...own(`question ${number}`, 'sent'), id, requestId: id, createdAt };
    return message({ id, requestId: undefined, text: `**answer** ${number}`, createdAt });
  });

describe('a long conversation in the chat window', () => {
  let host: ViewHost;

  beforeEach(() => {
    host = new ViewHost();
    host.style.cssText = 'display: block; block-size: 500px; inline-size: 380px';
    document.body.append(host);
  });

  afterEach(() => host.remove());

  const find = (selector: string) => host.renderRoot.querySelector<HTMLElement>(selector);
  const all = (selector: string) => [...host.renderRoot.querySelectorAll<HTMLElement>(selector)];
  const box = () => {
    const found = find('.transcript');
    if (!found) throw new Error('There is no transcript.');
    return found;
  };
  const row = (id: string) => find(`[data-key="${id}"]`);
  const focused = () => host.shadowRoot?.activeElement?.closest<HTMLElement>('[data-key]')?.dataset['key'];
  const atEnd = () => box().scrollHeight - box().scrollTop - box().clientHeight < 5;

  async function show(messages: readonly Message[]): Promise<void> {
    host.shownConversation.set({ messages });
    await host.updateComplete;
  }

  describe('that is too long to be drawn at once', () => {
    it('has the text of every message from the start, and draws those at the end', async () => {
      await show(long(1_000));
      expect(all('article').length).to.be.lessThan(150);
      expect(row('m1')?.textContent).to.contain('answer** 1');
      expect(row('m999')?.textContent ?? row('own:m999')?.textContent).to.contain('question 999');
      expect(atEnd(), 'it shows the end').to.equal(true);
    });

    it('draws the others while nothing else is to be done', async () => {
      await show(long(400));
      await waitFor(() => all('.far').length === 0, 'all are drawn');
      await waitFor(() => row('m1')?.querySelector('strong'), 'with their Markdown');
      expect(atEnd(), 'the reader is where they were').to.equal(true);
    });

    it('draws what comes near', async () => {
      await show(long(2_000));
      box().scrollTop = 0;
      await waitFor(() => row('m1')?.querySelector('article'), 'the first is drawn');
    });

    it('draws a row once, however many messages come after it', async () => {
      await show(long(300));
      await waitFor(() => all('.far').length === 0 && find('.rich'), 'all are drawn');
      let changes = 0;
      const watcher = new MutationObserver((records) => {
        changes += records.filter(({ target }) => {
          const element = target instanceof Element ? target : target.parentElement;
          const key = element?.closest<HTMLElement>('[data-key]')?.dataset['key'] ?? '';
          return /^(own:)?m([0-9]|[1-9][0-9]|1[0-9][0-9])$/.test(key);
        }).length;
      });
      watcher.observe(box(), { childList: true, characterData: true, attributes: true, subtree: true });
      for (let index = 0; index < 20; index++) {
        host.shownConversation.receive(message({ text: `new ${index}`, createdAt: NOW + index }));
        await host.updateComplete;
      }
      await waitFor(() => all('[data-key]').at(-1)?.textContent.includes('new 19'), 'the newest is drawn');
      watcher.disconnect();
      expect(changes).to.equal(0);
    });
  });

  describe('and the place in it', () => {
    it('is the end for a reader at the end, and stays for one above it', async () => {
      await show(long(60));
      expect(atEnd()).to.equal(true);
      box().scrollTop = 700;
      await waitFor(() => !atEnd(), 'the reader is above the end');
      box().dispatchEvent(new Event('scroll'));
      const place = box().scrollTop;
      host.shownConversation.receive(message({}), message({}));
      await waitFor(() => find('.unseen')?.textContent.includes('2 new messages'), 'they are counted');
      expect(box().scrollTop).to.be.closeTo(place, 2);
      find('.unseen')?.click();
      await host.updateComplete;
      expect(atEnd()).to.equal(true);
      expect(find('.unseen')).not.to.exist;
    });

    it('stays when something above changes its height', async () => {
      await show(long(60));
      const seen = row('m40');
      if (!seen) throw new Error('The row is missing.');
      box().style.overflowAnchor = 'none';
      await waitFor(() => find('.rich'), 'Markdown is drawn');
      // Sections turn out higher than was guessed when they come into view: until then this row seems to be near the end.
      await waitFor(() => {
        const distance = seen.getBoundingClientRect().top - box().getBoundingClientRect().top;
        box().scrollTop += distance;
        box().dispatchEvent(new Event('scroll'));
        const isFarFromEnd = box().scrollHeight - box().scrollTop > 2 * box().clientHeight;
        return Math.abs(distance) < 1 && isFarFromEnd;
      }, 'it is at the top');
      const { top } = seen.getBoundingClientRect();
      const image = document.createElement('div');
      image.style.blockSize = '333px';
      row('m31')?.append(image);
      await waitFor(() => Math.abs(seen.getBoundingClientRect().top - top) < 2, 'it is where it was');
      image.remove();
      await waitFor(() => Math.abs(seen.getBoundingClientRect().top - top) < 2, 'and is there again');
    });

    it('is the first unread message after coming back, under a line that tells their number', async () => {
      host.shown = false;
      host.shownConversation.unread = 20;
      await show(long(60).map((one) => ({ ...one, author: 'agent' as const, delivery: undefined })));
      host.shown = true;
      const line = await waitFor(() => find('.unread'), 'the line is there');
      expect(line.textContent).to.equal('20 new messages');
      expect(line.nextElementSibling).to.equal(row('m40'));
      await waitFor(
        () => Math.abs(line.getBoundingClientRect().top - box().getBoundingClientRect().top) < 30,
        'it is at the top',
      );
      expect(host.calls).to.include('markRead');
      host.shownConversation.receive(message({}));
      await host.updateComplete;
      expect(find('.unread'), 'it stays').to.exist;
      await expect(host).to.be.accessible();
      host.shown = false;
      await waitFor(() => !find('.unread'), 'it goes when the window closes');
    });
  });

  describe('read by keyboard', () => {
    beforeEach(async () => {
      await show([...long(60), message({ id: 'link', text: 'See [this](https://a.example/)' })]);
      await waitFor(() => find('.rich a'), 'Markdown is drawn');
      box().focus();
      await waitFor(() => find('.skips'), 'the keys are there');
    });

    it('goes from message to message, and names each', async () => {
      await sendKeys({ press: 'ArrowUp' });
      await waitFor(() => focused() === 'link', 'the newest has focus');
      const stop = host.shadowRoot?.activeElement;
      expect(stop?.getAttribute('aria-label')).to.match(/^Support Agent, \d+:\d\d.*, See this$/);
      expect(stop?.getAttribute('aria-labelledby')).to.equal(stop?.id);
      await expect(host).to.be.accessible();
      await sendKeys({ press: 'ArrowUp' });
      await waitFor(() => focused() === 'm59', 'the one above');
      expect(stop?.hasAttribute('aria-label'), 'only what has focus is named').to.equal(false);
      await sendKeys({ press: 'Home' });
      await waitFor(() => focused() === 'own:m0', 'the first');
      await sendKeys({ press: 'PageDown' });
      await waitFor(() => !['own:m0', undefined].includes(focused()), 'one screen on');
      await sendKeys({ press: 'End' });
      await waitFor(() => focused() === 'link', 'the last');
    });

    it('names a message by its code and not by the buttons, and by what is with its text', async () => {
      const code = { text: 'On the server:\n\n```ts\nlet a = 1;\n```\n\nThat is all.' };
      const data = { type: 'Data', text: 'Your order:', data: { total: 'nine' } } as const;
      host.shownConversation.receive(message({ id: 'code', ...code }), message({ id: 'data', ...data }));
      await waitFor(
        () => row('code')?.querySelector('figure') && row('data')?.querySelector('.fields'),
        'both',
      );
      box().focus();
      const nameOf = async (id: string) => {
        await sendKeys({ press: id === 'data' ? 'End' : 'ArrowUp' });
        await waitFor(() => focused() === id, `${id} has focus`);
        const stop = host.shadowRoot?.activeElement;
        const [own, ...others] = stop?.getAttribute('aria-labelledby')?.split(' ') ?? [];
        expect(own).to.equal(stop?.id);
        const texts = others.map((other) => find(`[id="${other}"]`)?.textContent.replace(/\s+/g, ' '));
        return [stop?.ariaLabel?.replace(/\s+/g, ' '), ...texts].join('|');
      };
      expect(await nameOf('data')).to.match(/, Your order:\|.*Total.*nine/);
      expect(await nameOf('code')).to.match(/, On the server: let a = 1; That is all\.$/);
    });

    it('goes into a message with Enter, back with Escape, and then to the field', async () => {
      await sendKeys({ press: 'End' });
      await waitFor(() => focused() === 'link', 'the newest has focus');
      await sendKeys({ press: 'Enter' });
      await waitFor(() => host.shadowRoot?.activeElement?.matches('a, button'), 'a control has focus');
      await sendKeys({ press: 'Escape' });
      await waitFor(
        () => host.shadowRoot?.activeElement?.localName === 'article',
        'the message has it again',
      );
      await sendKeys({ press: 'Escape' });
      await waitFor(() => host.shadowRoot?.activeElement?.localName === 'textarea', 'the field has it');
      expect(host.calls).not.to.include('hide');
    });

    it('is one stop of the Tab key, in both directions', async () => {
      await sendKeys({ press: 'Tab' });
      expect(host.shadowRoot?.activeElement?.closest('.transcript')).not.to.exist;
      await sendKeys({ down: 'Shift' });
      await sendKeys({ press: 'Tab' });
      await sendKeys({ up: 'Shift' });
      expect(host.shadowRoot?.activeElement).to.equal(box());
    });
  });
});
