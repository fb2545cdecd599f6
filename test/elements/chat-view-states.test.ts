import { expect } from '@open-wc/testing';
import { RealtimeError } from '../../src/protocol/errors.ts';
import type { DeliveryState, Message } from '../../src/protocol/types.ts';
import { waitFor } from '../support/wait.ts';
import { message, NOW, own, ViewHost } from './view-host.ts';

// States that a server cannot be made to show all at once, or at all. Everything else: chat-view.test.ts.

const longText = 'a-very-long-word-without-any-space-in-it-'.repeat(40);

/** Every state a visitor can meet. */
const states: Readonly<Record<string, (host: ViewHost) => void>> = {
  empty: () => undefined,
  loading: ({ shownConversation }) => shownConversation.set({ loading: 'initial' }),
  busy: ({ shownConversation }) =>
    shownConversation.set({
      messages: [
        message({ text: '**Hello**, see [docs](https://a.example) and `code`' }),
        own('a question', 'answered'),
        message({ type: 'Reasoning', requestId: 'w', text: 'Thinking about it' }),
        message({ type: 'Handoff', workflowType: 'Billing Agent:Chat Flow' }),
        message({ type: 'Data', data: { total: 3, paid: false } }),
        message({ type: 'Hologram', text: undefined }),
        own('another', 'sent'),
      ],
      awaitingReply: { requestId: 'w', since: NOW, slow: true },
    }),
  failed: ({ shownConversation }) =>
    shownConversation.set({ messages: [own('lost', 'failed', { reason: 'The server refused it.' })] }),
  offline: (host) => {
    host.status = { ...host.status, state: 'offline', reason: 'no-network' };
    host.shownConversation.set({ messages: [own('later', 'queued')] });
  },
  'offline with nothing saved': (host) => {
    host.status = { ...host.status, state: 'offline', reason: 'no-network', persisted: false };
    host.shownConversation.set({
      messages: [
        own('later', 'queued', { persisted: false }),
        own('unsure', 'verifying', { persisted: false }),
      ],
    });
  },
  'with several failed': ({ shownConversation }) =>
    shownConversation.set({
      messages: ['one', 'two'].map((text) => own(text, 'failed', { reason: 'The server refused it.' })),
    }),
  unauthorized: (host) => {
    host.status = { ...host.status, state: 'unauthorized', reason: 'credential-refused' };
  },
  misconfigured: (host) => {
    const error = new RealtimeError('input', 'The server refuses this page.');
    host.status = { ...host.status, state: 'waiting', reason: 'configuration', attempt: 1, error };
  },
  'without history': ({ shownConversation }) =>
    shownConversation.set({ error: new RealtimeError('server', 'The server failed.') }),
  'with a problem': (host) => {
    host.problem = new RealtimeError('network', 'The chat could not be loaded.');
  },
  'without consent': (host) => {
    host.consentNeeded = true;
  },
  'long content': ({ shownConversation }) =>
    shownConversation.set({ messages: [message({ text: longText }), own(longText, 'sent')] }),
  'in a dialog': (host) => {
    host.display = 'panel';
  },
};

describe('the states of the chat window', () => {
  let host: ViewHost;

  beforeEach(() => {
    host = new ViewHost();
    document.body.append(host);
  });

  afterEach(() => {
    host.remove();
    document.documentElement.style.removeProperty('color-scheme');
    document.documentElement.removeAttribute('dir');
  });

  const find = (selector: string) => host.renderRoot.querySelector<HTMLElement>(selector);
  const all = (selector: string) => [...host.renderRoot.querySelectorAll<HTMLElement>(selector)];

  async function show(state: string): Promise<void> {
    states[state]?.(host);
    host.requestUpdate();
    await host.updateComplete;
    const rich = host.shownConversation.messages.some(({ author, text }) => author === 'agent' && text);
    if (rich && !host.problem) await waitFor(() => find('.rich'), 'Markdown is loaded');
    if (state === 'busy' && !host.problem) await waitFor(() => find('.fields'), 'data is shown');
    // Colours in the middle of a transition have other contrasts.
    for (const animation of host.shadowRoot?.getAnimations() ?? []) animation.cancel();
  }

  for (const scheme of ['light', 'dark']) {
    for (const state of Object.keys(states)) {
      it(`is accessible ${state}, in ${scheme}`, async () => {
        document.documentElement.style.colorScheme = scheme;
        await show(state);
        await expect(host).to.be.accessible();
      });
    }
  }

  it('scrolls sideways in no state and no direction', async () => {
    for (const dir of ['ltr', 'rtl']) {
      document.documentElement.dir = dir;
      for (const state of Object.keys(states)) {
        await show(state);
        const box = find('.transcript');
        expect(box?.scrollWidth, `${state} ${dir}`).to.equal(box?.clientWidth);
      }
    }
  });

  it('says in words how far each message has come, and describes the message by it', async () => {
    const expected: Record<DeliveryState, string> = {
      queued: 'Waiting to be sent',
      sending: 'Sending…',
      uncertain: 'Checking whether it arrived…',
      verifying: 'Checking whether it arrived…',
      sent: 'Sent',
      answered: 'Answered',
      failed: 'Not sent. Too many attempts.',
    };
    const names = Object.keys(expected) as DeliveryState[];
    host.shownConversation.set({
      messages: names.map((state) => own(state, state, { reason: 'Too many attempts.' })),
    });
    await host.updateComplete;
    const described = all('.message').map((row) => {
      const id = row.getAttribute('aria-describedby') ?? '';
      return host.shadowRoot?.getElementById(id)?.textContent.trim();
    });
    expect(described).to.deep.equal(Object.values(expected));
  });

  it('offers to try now while there is no connection', async () => {
    await show('offline');
    find('.banners button')?.click();
    expect(host.calls).to.deep.equal(['retryNow']);
  });

  it('says why it cannot connect when trying again will not help', async () => {
    await show('misconfigured');
    expect(find('.banners')?.textContent).to.contain('This chat is not set up correctly.');
    expect(find('.banner')?.title).to.equal('The server refuses this page.');
  });

  it('is as calm about its connection as a status is', async () => {
    await show('empty');
    const words = () => find('[part=status]')?.textContent;
    expect(words()).to.equal('Connected');
    for (const state of ['connecting', 'syncing', 'live'] as const) {
      host.status = { ...host.status, state };
      host.requestUpdate();
      await host.updateComplete;
      expect(words(), state).to.equal('Connected');
    }
    const error = new RealtimeError('network', 'No answer.');
    host.status = { ...host.status, state: 'waiting', reason: 'unreachable', attempt: 2, error };
    host.requestUpdate();
    await host.updateComplete;
    expect(find('.banner') === null, 'no banner').to.equal(true);
    await waitFor(() => words() === 'The server cannot be reached', 'it lasts');
    expect(find('.banner')?.textContent).to.contain('The server cannot be reached.');
    host.status = { ...host.status, state: 'connecting', attempt: 3 };
    host.requestUpdate();
    await host.updateComplete;
    expect(words(), 'the next attempt is no news').to.equal('The server cannot be reached');
  });

  it('tells of stored messages that cannot be read, until somebody takes note', async () => {
    await show('empty');
    host.quarantined = 2;
    host.requestUpdate();
    await waitFor(() => find('.banner')?.textContent.includes('2 saved messages'), 'the line');
    await expect(host).to.be.accessible();
    find('.banner button')?.click();
    await host.updateComplete;
    expect(find('.banner') === null, 'no banner').to.equal(true);
    host.quarantined = 3;
    host.requestUpdate();
    await waitFor(() => find('.banner')?.textContent.includes('1 saved message'), 'another one');
  });

  it('offers to load again what could not be loaded', async () => {
    await show('with a problem');
    expect(find('.banners')?.textContent).to.contain('could not be loaded');
    find('.banners button')?.click();
    expect(host.calls).to.deep.equal(['retryLoad']);
  });

  it('is inert but still there while it is not shown', async () => {
    await show('busy');
    host.shown = false;
    await host.updateComplete;
    expect(find('#window')?.inert).to.equal(true);
    expect(all('.message').length).to.be.greaterThan(0);
  });

  it('follows its conversation again after it was removed and put back', async () => {
    await show('busy');
    host.remove();
    host.requestUpdate();
    await host.updateComplete;
    expect(host.shownConversation.listeners, 'nothing is followed while removed').to.equal(0);
    document.body.append(host);
    await host.updateComplete;
    host.shownConversation.set({ messages: [own('after the move', 'sent')] });
    await host.updateComplete;
    expect(all('.message').length).to.equal(1);
    expect(find('.message')?.textContent).to.contain('after the move');
  });

  const read = () => find('.window > .hush')?.textContent;
  /** Name and class; a comparison of elements that fails would take minutes to print them. */
  const focused = () => {
    const { localName, className } = host.shadowRoot?.activeElement ?? {};
    return [localName, className].filter(Boolean).join('.');
  };

  it('reads out all replies that come together, and forgets them with the conversation', async () => {
    await show('busy');
    host.shownConversation.receive(message({ text: 'First' }), message({ text: 'Second' }));
    await waitFor(() => read() === 'Support Agent: First\nSupport Agent: Second', 'both are read out');
    host.shownConversation.set({ messages: [] });
    await host.updateComplete;
    expect(read()).to.equal('');
  });

  it('reads out replies without a text by what they are called, their first words or their kind', async () => {
    await show('busy');
    const heard = async (part: Partial<Message>) => {
      const before = read();
      host.shownConversation.receive(message({ type: 'Data', text: undefined, ...part }));
      return waitFor(() => read() !== before && read(), 'something is read out');
    };
    const said = [
      await heard({ data: { type: 'buttons', text: 'Where to?', buttons: [{ label: 'Home' }] } }),
      await heard({ data: { type: 'chart', title: 'Storage', labels: ['a'], values: [1] } }),
      await heard({ data: { kind: 'quick_replies', replies: ['All good', 'Some trouble'] } }),
      await heard({ type: 'File', data: { files: [{ fileName: 'offer.pdf', content: 'AAAA' }] } }),
      await heard({ type: 'File', data: 'AAAA' }),
      await heard({ data: undefined }),
    ];
    expect(said.map((line) => line?.replace('Support Agent: ', ''))).to.deep.equal([
      'Where to?',
      'Storage',
      'All good, Some trouble',
      'offer.pdf',
      'File',
      'Message without text',
    ]);
  });

  it('counts them among what is new below', async () => {
    const many = Array.from({ length: 30 }, (_, index) => message({ text: `line ${index}` }));
    host.style.cssText = 'display: block; block-size: 400px';
    host.shownConversation.set({ messages: many });
    await host.updateComplete;
    await waitFor(() => find('.rich'), 'Markdown is loaded');
    const box = find('.transcript');
    box?.dispatchEvent(new WheelEvent('wheel', { deltaY: -1 }));
    box?.scrollTo({ top: 0, behavior: 'instant' });
    await waitFor(() => box?.scrollTop === 0, 'the reader is above');
    await new Promise(requestAnimationFrame);
    host.shownConversation.receive(message({ type: 'Data', text: undefined, data: { title: 'Storage' } }));
    await waitFor(() => find('.unseen')?.textContent.includes('1 new message'), 'it counts');
  });

  it('reads out what is drawn, without the signs of Markdown', async () => {
    await show('busy');
    host.shownConversation.receive(
      message({
        text: 'Set `snake_case` to 2 * 3 > 4:\n\n| a | b |\n|---|---|\n| 1 | [2](https://x.example/(a)) |',
      }),
    );
    await waitFor(() => read()?.includes('Set'), 'it is read out');
    expect(read()).to.match(/^Support Agent: Set snake_case to 2 \* 3 > 4:\s+a\s+b\s+1\s+2$/);
  });

  it('reads the same reply out again when it comes again', async () => {
    await show('busy');
    host.shownConversation.receive(message({ text: 'Still there?' }));
    const once = await waitFor(read, 'it is read out');
    host.shownConversation.receive(message({ text: 'Still there?' }));
    await waitFor(() => read() !== once, 'it is read out again');
    expect(read()?.trim()).to.equal(once);
  });

  it('gives focus to the messages when the button that had it goes', async () => {
    await show('failed');
    const messages = host.shownConversation.messages;
    host.shownConversation.set({ hasEarlier: true });
    await host.updateComplete;
    find('.earlier button')?.focus();
    host.shownConversation.set({ hasEarlier: false });
    await host.updateComplete;
    expect(focused(), 'after the last page').to.equal('div.transcript');

    find('.actions button')?.focus();
    host.shownConversation.set({ messages: messages.map((one) => ({ ...one, delivery: undefined })) });
    await host.updateComplete;
    expect(focused(), 'after trying again').to.equal('div.transcript');
  });

  it('leaves focus alone where it is not its own', async () => {
    const outside = document.body.appendChild(document.createElement('button'));
    await show('failed');
    outside.focus();
    host.shownConversation.set({ messages: [] });
    await host.updateComplete;
    expect(document.activeElement === outside).to.equal(true);
    outside.remove();
  });

  it('takes focus at the moment it opens, although it fades in', async () => {
    host.display = 'bubble';
    for (let opening = 0; opening < 2; opening++) {
      host.shown = false;
      await host.updateComplete;
      await waitFor(() => getComputedStyle(find('.window')!).visibility === 'hidden', 'it has faded out');
      host.shown = true;
      await host.updateComplete;
      find('textarea')?.focus();
      expect(focused()).to.equal('textarea');
    }
  });

  it('adds no landmark to the page apart from its window', async () => {
    await show('in a dialog');
    const landmarks = all('header, form:not([role=none]), nav, main, footer, aside');
    expect(landmarks.map(({ localName }) => localName)).to.deep.equal([]);
  });

  it('shows something of the conversation in the smallest box, and scrolls to the rest', async () => {
    host.style.cssText = 'display: block; inline-size: 320px; block-size: 150px';
    await show('busy');
    expect(find('.transcript')?.clientHeight).to.be.at.least(60);
    const window = find('.window')!;
    window.scrollTop = window.scrollHeight;
    const edge = window.getBoundingClientRect().bottom;
    expect(find('.field')?.getBoundingClientRect().bottom).to.be.lessThan(edge);
    host.style.cssText = 'display: block; inline-size: 320px; block-size: 500px';
    expect(window.scrollHeight, 'otherwise it does not scroll').to.equal(window.clientHeight);
    host.display = 'bubble';
    await host.updateComplete;
    expect(window.scrollHeight, 'nor in a bubble').to.equal(window.clientHeight);
  });

  it('cuts no line of a long text in the field', async () => {
    await show('empty');
    host.draft = 'line\n'.repeat(40);
    await host.updateComplete;
    const field = find('textarea')!;
    const lines = field.clientHeight / parseFloat(getComputedStyle(field).lineHeight);
    expect(lines).to.be.closeTo(Math.round(lines), 0.05);
    expect(lines).to.be.within(2, 8);
  });

  it('gives the columns of a wide table room for words, and leaves narrow ones narrow', async () => {
    host.style.cssText = 'display: block; inline-size: 360px; block-size: 500px';
    const words = 'several words that need some room to be read in comfort';
    const row = `| ${[7, words, words, words, words].join(' | ')} |`;
    host.shownConversation.set({ messages: [message({ text: `${row}\n|---|---|---|---|---|\n${row}` })] });
    const table = await waitFor(() => find('.scroll table'), 'the table is drawn');
    const [narrow, wide] = [...table.querySelectorAll('td')].map((cell) => cell.offsetWidth);
    expect(wide).to.be.at.least(120);
    expect(narrow).to.be.lessThan(60);
    expect(find('.scroll')?.scrollWidth).to.be.greaterThan(find('.scroll')?.clientWidth ?? 0);
  });

  it('sets nested tight lists close, and tells headings apart', async () => {
    const text = '# a\n\n## b\n\n### c\n\n- one\n  - two\n- three';
    host.shownConversation.set({ messages: [message({ text })] });
    const inner = await waitFor(() => find('.rich li ul'), 'the list is drawn');
    expect(parseFloat(getComputedStyle(inner).marginBlockStart)).to.be.lessThan(4);
    const sizes = all('.rich :is(h3, h4, h5)').map((heading) =>
      parseFloat(getComputedStyle(heading).fontSize),
    );
    expect(new Set(sizes).size).to.equal(3);
  });

  it('makes targets of at least 24 pixels, and a send button of 44', async () => {
    await show('busy');
    for (const button of all('button, summary')) {
      const { width, height } = button.getBoundingClientRect();
      expect(Math.min(width, height), button.outerHTML.slice(0, 80)).to.be.at.least(24);
    }
    expect(find('.send')?.getBoundingClientRect().height).to.equal(44);
  });

  it('writes no style attribute', async () => {
    await show('busy');
    expect(all('.window [style]').filter((element) => element.localName !== 'textarea')).to.deep.equal([]);
  });
});
