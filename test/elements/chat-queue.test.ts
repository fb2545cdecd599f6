import { expect } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import type { Message } from '../../src/protocol/types.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { waitFor } from '../support/wait.ts';
import { message, own, ViewHost } from './view-host.ts';

describe('messages that wait or failed, in the chat window', () => {
  let host: ViewHost;

  beforeEach(() => {
    host = new ViewHost();
    document.body.append(host);
  });

  afterEach(() => {
    host.remove();
    document.documentElement.removeAttribute('dir');
  });

  const find = (selector: string) => host.renderRoot.querySelector<HTMLElement>(selector);
  const all = (selector: string) => [...host.renderRoot.querySelectorAll<HTMLElement>(selector)];
  const field = () => find('textarea') as HTMLTextAreaElement;
  const focused = () => host.shadowRoot?.activeElement;
  const buttons = (row = find('.actions')) =>
    [...(row?.querySelectorAll('button') ?? [])].map((button) => button.textContent.trim());
  const button = (label: string) =>
    all('.window button').find(
      (one) => one.textContent.trim() === label || one.getAttribute('aria-label') === label,
    );
  const spoken = () => find('.window > .hush')?.textContent ?? '';

  async function show(...messages: Message[]): Promise<void> {
    host.shownConversation.set({ messages });
    await host.updateComplete;
    for (const animation of host.shadowRoot?.getAnimations() ?? []) animation.cancel();
  }

  async function press(label: string): Promise<void> {
    const target = button(label);
    if (!target) throw new Error(`There is no button "${label}".`);
    target.focus();
    target.click();
    await host.updateComplete;
  }

  async function write(text: string): Promise<void> {
    field().value = text;
    field().dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
    await host.updateComplete;
  }

  /** Presses at a time of its own, in milliseconds. */
  async function pressAt(at: number, label: string): Promise<void> {
    const now = performance.now.bind(performance);
    performance.now = () => at;
    try {
      await press(label);
    } finally {
      performance.now = now;
    }
  }

  /** Presses twice, as one who means it and not as a double click. */
  async function discard(): Promise<void> {
    await pressAt(1_000, 'Discard');
    await pressAt(2_000, 'Discard for good');
  }

  it('gives each step its own sign and words, and says what is not saved', async () => {
    await show(
      own('a', 'queued'),
      own('b', 'queued', { persisted: false }),
      own('c', 'sending', { persisted: false }),
      own('d', 'verifying', { persisted: false }),
      own('e', 'sent', { persisted: false }),
      own('f', 'failed', { persisted: false, reason: 'The server refused it.' }),
    );
    expect(all('.state').map((state) => state.textContent.trim())).to.deep.equal([
      'Waiting to be sent',
      'Waiting to be sent. Not saved: keep this page open',
      'Sending…',
      'Checking whether it arrived… Not saved: keep this page open',
      'Not sent. The server refused it.',
    ]);
    const shapes = all('.state .icon').map((icon) => icon.innerHTML);
    expect(new Set(shapes).size, 'signs').to.equal(4); // the first two are alike
  });

  it('says why a message waits that the slower connection cannot carry, while there is only that', async () => {
    const [topic, long, plain] = [own('a', 'queued'), own('ü'.repeat(2_000), 'queued'), own('c', 'queued')];
    const words = () => all('.state').map((state) => state.textContent.trim());
    await show({ ...topic, topic: 'billing' }, long, plain);
    expect(words()).to.deep.equal(Array(3).fill('Waiting to be sent'));
    const turn = async (to: Partial<typeof host.status>) => {
      host.status = { ...host.status, ...to };
      host.requestUpdate();
      await host.updateComplete;
    };
    await turn({ state: 'degraded', channel: 'sse' });
    expect(words()).to.deep.equal([
      'Waits for the fast connection: it has a topic',
      'Waits for the fast connection: it is too long for the slower one',
      'Waiting to be sent',
    ]);
    await turn({ state: 'live', channel: 'hub' });
    expect(words()).to.deep.equal(Array(3).fill('Waiting to be sent'));
  });

  it('says in words for visitors why a message failed, and keeps those for developers within reach', async () => {
    await show(
      own('x', 'failed', { code: 'forbidden', reason: 'The credential belongs to another tenant.' }),
    );
    const [state] = all('.state');
    expect(state?.textContent.trim()).to.equal('Not sent. You have no access to this chat.');
    expect(state?.title).to.equal('The credential belongs to another tenant.');
  });

  it('offers for each message what can be done about it, by name', async () => {
    const [waiting, failed, unsure] = [
      own('waiting', 'queued'),
      own('failed', 'failed'),
      own('unsure', 'failed'),
    ];
    host.stored.set(unsure.requestId ?? '', 'maybe');
    const data = { ...own('', 'failed'), text: undefined, type: 'Data', data: { a: 1 } };
    await show(waiting, failed, unsure, data, own('under way', 'sending'), own('there', 'sent'));
    const offers = all('.actions').map((row) => [row.getAttribute('aria-label'), ...buttons(row)]);
    expect(offers).to.deep.equal([
      ['Actions for: waiting', 'Edit', 'Discard'],
      ['Actions for: failed', 'Try again', 'Edit', 'Discard'],
      ['Actions for: unsure', 'Try again', 'Discard'],
      ['Actions for: File', 'Try again', 'Discard'],
    ]);
    expect(all('.copy').length).to.equal(navigator.clipboard ? 5 : 0);
  });

  it('sends a failed message again', async () => {
    const failed = own('failed', 'failed');
    await show(failed);
    await press('Try again');
    expect(host.calls).to.deep.equal([`retry ${failed.requestId}`]);
  });

  it('shows the buttons of a waiting message only when it has waited for a moment', async () => {
    await show(own('just written', 'queued'));
    host.shownConversation.set({ messages: [...host.shownConversation.messages, own('next', 'queued')] });
    await host.updateComplete;
    const last = all('.actions').at(-1);
    expect(last && getComputedStyle(last).visibility).to.equal('hidden');
    await waitFor(() => last && getComputedStyle(last).visibility === 'visible', 'it shows');
  });

  describe('discarding', () => {
    it('takes two presses of the same button, which keeps focus, and no double click', async () => {
      const waiting = own('waiting', 'queued');
      await show(waiting);
      await pressAt(1_000, 'Discard');
      expect(host.calls).to.deep.equal([]);
      expect(buttons()).to.deep.equal(['Keep', 'Discard for good']);
      expect(focused()?.textContent.trim()).to.equal('Discard for good');
      await waitFor(() => spoken().includes('Press again'), 'the question is read out');
      await expect(host).to.be.accessible();
      await pressAt(1_200, 'Discard for good');
      expect(host.calls, 'the second click of a double click').to.deep.equal([]);
      await pressAt(1_600, 'Discard for good');
      expect(host.calls).to.deep.equal([`discard ${waiting.requestId}`]);
    });

    it('is read out when it is done, in place of the question', async () => {
      await show(own('waiting', 'queued'));
      await pressAt(1_000, 'Discard');
      await waitFor(() => spoken().includes('Press again'), 'the question');
      await pressAt(2_000, 'Discard for good');
      await show(own('another', 'queued'));
      await waitFor(() => spoken() === 'Message discarded.', 'the answer');
    });

    it('is read out also of the last message', async () => {
      const waiting = own('waiting', 'queued');
      host.discarding = () => {
        host.shownConversation.set({ messages: [] });
        return Promise.resolve(true);
      };
      await show(waiting);
      await discard();
      host.shownConversation.set({ loading: undefined });
      await waitFor(() => spoken() === 'Message discarded.', 'the words');
    });

    it('is taken back by a button and by Escape, which closes no window', async () => {
      host.display = 'panel';
      await show(own('waiting', 'queued'), own('failed', 'failed'));
      await press('Discard');
      await press('Keep');
      expect(buttons()).to.deep.equal(['Edit', 'Discard']);
      expect(focused()?.textContent.trim()).to.equal('Discard');
      await press('Discard');
      let handled = false;
      host.addEventListener('keydown', (event) => (handled = event.defaultPrevented), { once: true });
      await sendKeys({ press: 'Escape' });
      await host.updateComplete;
      expect(handled).to.equal(true);
      expect(buttons()).to.deep.equal(['Edit', 'Discard']);
      expect(host.calls).to.deep.equal([]);
    });

    it('asks for one message at a time', async () => {
      await show(own('one', 'failed'), own('two', 'failed'));
      await press('Discard');
      expect(all('.sure').length).to.equal(1);
      await press('Discard'); // of the other one
      expect(all('.sure').length).to.equal(1);
      expect(buttons(all('.actions')[0])).to.include('Discard');
    });

    it('says so when the message may have arrived already', async () => {
      host.discarding = () => Promise.resolve(false);
      await show(own('waiting', 'queued'));
      await discard();
      await waitFor(() => find('.banners')?.textContent.includes('may have arrived already'), 'the words');
    });

    it('says why it failed', async () => {
      host.discarding = () => Promise.reject(new RealtimeError('storage', 'The disk is full.'));
      await show(own('waiting', 'queued'));
      await discard();
      await waitFor(() => find('.banners')?.textContent.includes('The disk is full.'), 'the words');
    });

    it('gives focus to the messages when the row goes', async () => {
      await show(own('waiting', 'queued'));
      await discard();
      await show();
      expect(focused()?.className).to.equal('transcript');
    });
  });

  describe('retry all', () => {
    it('is offered from the second failed message on, with their number', async () => {
      await show(own('one', 'failed'));
      expect(find('.banner')).to.equal(null);
      await show(own('one', 'failed'), own('two', 'failed'), own('three', 'failed'));
      expect(find('.banner span')?.textContent.trim()).to.equal('3 messages could not be sent.');
      await press('Retry all (3)');
      expect(host.calls).to.deep.equal(['retryAll']);
    });

    it('leaves focus in the chat when its banner goes', async () => {
      await show(own('one', 'failed'), own('two', 'failed'));
      await press('Retry all (2)');
      await show(own('one', 'queued'), own('two', 'queued'));
      expect(focused()?.className).to.equal('transcript');
    });
  });

  describe('editing', () => {
    const waiting = own('helo', 'queued');

    async function edit(): Promise<void> {
      await show(waiting);
      await press('Edit');
      await waitFor(() => focused() === field(), 'focus in the field');
    }

    it('puts the draft aside for the text of the message, says so, and marks the message', async () => {
      host.draft = 'half a sentence';
      await edit();
      expect(field().value).to.equal('helo');
      expect(field().getAttribute('aria-label')).to.equal('Edit message');
      expect(find('#composer-hint')?.textContent).to.contain('Escape cancels');
      expect(find('.editing')?.textContent).to.contain('Editing your message');
      expect(find('.message.edited')?.textContent).to.contain('helo');
      expect(host.draft, 'the draft is not the edit').to.equal('half a sentence');
      await expect(host).to.be.accessible();
    });

    it('saves with Enter under the same request id, and gives the draft back', async () => {
      host.draft = 'half a sentence';
      await edit();
      await write('hello');
      await sendKeys({ press: 'Enter' });
      await host.updateComplete;
      expect(host.calls).to.deep.equal([`edit ${waiting.requestId} hello`]);
      expect(field().value).to.equal('half a sentence');
      expect(find('.editing')).to.equal(null);
      expect(find('.edited')).to.equal(null);
      expect(focused() === field()).to.equal(true);
    });

    it('is cancelled by Escape, which closes no window, and by its button', async () => {
      host.display = 'panel';
      host.draft = 'half a sentence';
      await edit();
      await write('something else');
      let handled = false;
      host.addEventListener('keydown', (event) => (handled = event.defaultPrevented), { once: true });
      await sendKeys({ press: 'Escape' });
      await host.updateComplete;
      expect(handled).to.equal(true);
      expect(field().value).to.equal('half a sentence');
      await press('Edit');
      expect(field().value, 'begins anew').to.equal('helo');
      await press('Cancel');
      expect(field().value).to.equal('half a sentence');
      expect(focused() === field()).to.equal(true);
      expect(host.calls).to.deep.equal([]);
    });

    it('leaves Escape alone when nothing is edited', async () => {
      await show(waiting);
      field().focus();
      let handled = true;
      host.addEventListener('keydown', (event) => (handled = event.defaultPrevented), { once: true });
      await sendKeys({ press: 'Escape' });
      expect(handled).to.equal(false);
    });

    it('cannot be saved empty', async () => {
      await edit();
      await write('  ');
      expect((find('.send') as HTMLButtonElement).disabled).to.equal(true);
      await sendKeys({ press: 'Enter' });
      expect(host.calls).to.deep.equal([]);
    });

    it('keeps the text as a draft and says so when the message has left meanwhile', async () => {
      host.draft = 'half a sentence';
      host.shownConversation.editing = () => Promise.resolve(false);
      await edit();
      await write('hello');
      await press('Save message');
      await waitFor(() => find('.composer .banner')?.textContent.includes('had left already'), 'the words');
      expect(host.draft).to.equal('hello\nhalf a sentence');
      expect(find('.editing')).to.equal(null);
    });

    /** The message under edit as it is from now on; `undefined`: it is gone. Another one stays, and a reply. */
    async function turn(now: Message | undefined): Promise<void> {
      const reply = message({ requestId: waiting.requestId });
      await show(...(now ? [now] : []), own('another', 'queued'), reply);
      await waitFor(() => !find('.editing'), 'the edit ends');
    }
    const told = () => find('.composer .banner span')?.textContent ?? '';

    it('ends quietly when the message is discarded, here or in another tab', async () => {
      host.draft = 'half a sentence';
      await edit();
      await write('hello');
      await turn(undefined);
      expect(field().value).to.equal('half a sentence');
      expect(told()).to.equal('');
    });

    it('ends with the words that it has left, and with what was changed as a draft', async () => {
      host.draft = 'half a sentence';
      await edit();
      await write('hello');
      await turn({ ...waiting, delivery: { state: 'sending', attempts: 1, persisted: true } });
      expect(told()).to.contain('had left already').and.contain('is in the field');
      expect(host.draft).to.equal('hello\nhalf a sentence');
      expect(field().value).to.equal(host.draft);
      expect(focused() === field()).to.equal(true);
    });

    it('leaves the draft alone when nothing was changed in a message that left', async () => {
      for (const delivery of [{ state: 'sent', attempts: 1, persisted: true } as const, undefined]) {
        await edit();
        const { delivery: _before, ...left } = waiting;
        await turn({ ...left, ...(delivery && { delivery }) });
        expect(told()).to.equal('That message had left already and was not changed.');
        expect(host.draft).to.equal('');
      }
    });

    it('goes on while the message may still be changed', async () => {
      await edit();
      await write('hello');
      const failed = { state: 'failed', attempts: 1, persisted: true } as const;
      await show({ ...waiting, delivery: failed });
      expect(field().value).to.equal('hello');
      host.stored.set(waiting.requestId ?? '', 'maybe');
      await turn({ ...waiting, delivery: failed });
      expect(told()).to.contain('had left already');
    });

    it('goes on with what was written when the text is refused', async () => {
      host.shownConversation.editing = () =>
        Promise.reject(new RealtimeError('too-large', 'The text is too long.'));
      await edit();
      await write('far too long');
      await press('Save message');
      await waitFor(() => find('.composer .banner')?.textContent.includes('too long'), 'the reason');
      expect(find('.editing')).to.exist;
      expect(field().value).to.equal('far too long');
      expect(host.draft).to.equal('');
    });

    it('ends without a trace when the messages go, as at a sign-out', async () => {
      await edit();
      await write('for my eyes only');
      await show();
      expect(field().value).to.equal('');
      expect(find('.editing')).to.equal(null);
    });

    it('shows how much room is left of the text that is edited', async () => {
      await edit();
      await write('x'.repeat(40_000));
      expect(find('.limit')?.textContent).to.contain('too long');
      await press('Cancel');
      expect(find('.limit')?.textContent).to.equal('');
    });
  });

  it('says of a message queued without a connection that it is kept, or that it is not', async () => {
    host.status = { ...host.status, state: 'offline', reason: 'no-network' };
    const [saved, unsaved] = [own('saved', 'queued'), own('unsaved', 'queued', { persisted: false })];
    await show(saved);
    host.shownConversation.tell('queued', saved);
    await waitFor(() => spoken().includes('Saved on this device'), 'it is read out');
    host.shownConversation.tell('queued', unsaved);
    await waitFor(() => spoken().includes('Not saved'), 'that one too');
  });

  it('disables nothing while there is no network', async () => {
    host.status = { ...host.status, state: 'offline', reason: 'no-network' };
    await show();
    await write('later');
    expect(all('.window :disabled').length).to.equal(0);
  });

  describe('what has been read', () => {
    let visibility: DocumentVisibilityState = 'visible';

    beforeEach(() => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => visibility });
    });

    afterEach(() => {
      visibility = 'visible';
      Reflect.deleteProperty(document, 'visibilityState');
    });

    const reads = () => host.calls.filter((call) => call === 'markRead').length;

    it('is told when the chat shows something new, once', async () => {
      host.shownConversation.unread = 1;
      await show(message({}));
      expect(reads()).to.equal(1);
      await show(message({}), message({}));
      expect(reads(), 'nothing is unread').to.equal(1);
    });

    it('is not told while the chat is closed or the page hidden, but when it shows again', async () => {
      host.shown = false;
      host.shownConversation.unread = 1;
      await show(message({}));
      expect(reads()).to.equal(0);
      visibility = 'hidden';
      host.shown = true;
      await host.updateComplete;
      expect(reads()).to.equal(0);
      visibility = 'visible';
      document.dispatchEvent(new Event('visibilitychange'));
      expect(reads()).to.equal(1);
    });

    it('is not told after the chat was removed', async () => {
      await show(message({}));
      host.shownConversation.unread = 1;
      host.remove();
      document.dispatchEvent(new Event('visibilitychange'));
      expect(reads()).to.equal(0);
    });
  });

  it('makes targets of at least 24 pixels, apart from each other', async () => {
    await show(own('waiting', 'queued'), own('one', 'failed'), own('two', 'failed'));
    await press('Edit');
    await press('Discard');
    for (const one of all('button')) {
      const { width, height } = one.getBoundingClientRect();
      expect(Math.min(width, height), one.outerHTML.slice(0, 80)).to.be.at.least(24);
    }
  });

  it('scrolls sideways in no direction', async () => {
    host.style.cssText = 'display: block; inline-size: 320px; block-size: 500px';
    for (const dir of ['ltr', 'rtl']) {
      document.documentElement.dir = dir;
      const reason = 'averylongreasonwithoutanyspace'.repeat(5);
      await show(own('waiting', 'queued', { persisted: false }), own('failed', 'failed', { reason }));
      await press('Discard');
      const box = find('.transcript');
      expect(box?.scrollWidth, dir).to.equal(box?.clientWidth);
    }
  });
});
