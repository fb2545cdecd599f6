import { expect } from '@open-wc/testing';
import { adoptStyles, LitElement } from 'lit';
import { ChatView } from '../../src/elements/chat-view.ts';
import type { ChatDisplay, ChatPosition, ChatViewHost } from '../../src/elements/chat-view-host.ts';
import { shellStyles } from '../../src/elements/chat-shell-styles.ts';
import { theme } from '../../src/elements/theme.ts';
import type {
  ConnectionStatus,
  Conversation,
  ConversationEvents,
  HybridClient,
} from '../../src/client/types.ts';
import { Emitter } from '../../src/protocol/emitter.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import type { Delivery, DeliveryState, Message } from '../../src/protocol/types.ts';
import { waitFor } from '../support/wait.ts';

// States that a server cannot be made to show all at once, or at all. Everything else: chat-view.test.ts.

const NOW = Date.now();
let ids = 0;

function message(part: Partial<Message>): Message {
  const id = String(++ids);
  return {
    id,
    requestId: `r${id}`,
    threadId: 't',
    workflowId: 'acme:Support Agent:Chat Flow',
    workflowType: 'Support Agent:Chat Flow',
    participantId: 'jane',
    author: 'agent',
    type: 'Chat',
    text: `text ${id}`,
    data: undefined,
    topic: undefined,
    hint: undefined,
    createdAt: NOW + ids,
    updatedAt: NOW + ids,
    ...part,
  };
}

function own(text: string, state: DeliveryState, part: Partial<Delivery> = {}): Message {
  return message({ author: 'participant', text, delivery: { state, attempts: 1, persisted: true, ...part } });
}

/** What the view shows of a conversation, set from outside. */
class ShownConversation {
  readonly #events = new Emitter<ConversationEvents>();
  messages: readonly Message[] = [];
  loading: Conversation['loading'];
  hasEarlier = false;
  awaitingReply: Conversation['awaitingReply'];
  error: RealtimeError | undefined;
  readonly on: Conversation['on'] = (event, listener) => this.#events.on(event, listener);

  get listeners(): number {
    return this.#events.count('change') + this.#events.count('message') + this.#events.count('failed');
  }

  set(part: Partial<Pick<Conversation, 'messages' | 'loading' | 'awaitingReply' | 'error'>>): void {
    Object.assign(this, part);
    this.#events.emit('change', undefined);
  }
}

class ViewHost extends LitElement implements ChatViewHost {
  static override styles = [theme, shellStyles];
  static override properties = { draft: {}, shown: {}, problem: {}, display: {} };

  readonly heading = 'Support';
  readonly placeholder = 'Write a message…';
  readonly suggestions = ['One', 'Two'];
  readonly position: ChatPosition = 'bottom-end';
  readonly language = 'en';
  declare display: ChatDisplay;
  declare shown: boolean;
  declare draft: string;
  declare problem: RealtimeError | undefined;
  consentNeeded = false;
  readonly shownConversation = new ShownConversation();
  status: ConnectionStatus = {
    state: 'live',
    reason: 'synced',
    since: NOW,
    until: undefined,
    channel: 'hub',
    attempt: 0,
    lastSyncedAt: NOW,
    error: undefined,
    pending: 0,
    failed: 0,
    persisted: true,
  };
  readonly calls: string[] = [];
  readonly #view: ChatView;

  constructor() {
    super();
    this.display = 'inline';
    this.shown = true;
    this.draft = '';
    this.#view = new ChatView(this);
  }

  get conversation(): Conversation | undefined {
    return this.problem ? undefined : (this.shownConversation as unknown as Conversation);
  }

  get client(): HybridClient {
    const { status, calls } = this;
    const client = { status, on: () => () => {}, retryNow: () => calls.push('retryNow') };
    return client as unknown as HybridClient;
  }

  protected override createRenderRoot() {
    const root = super.createRenderRoot() as ShadowRoot;
    adoptStyles(root, [...ViewHost.elementStyles, ...ViewHost.finalizeStyles(ChatView.styles)]);
    return root;
  }

  override render() {
    return this.#view.render();
  }

  hide(): void {
    this.calls.push('hide');
  }
  send(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  retry(requestId: string): void {
    this.calls.push(`retry ${requestId}`);
  }
  discard(requestId: string): void {
    this.calls.push(`discard ${requestId}`);
  }
  retryLoad(): void {
    this.calls.push('retryLoad');
  }
}
customElements.define('test-view-host', ViewHost);

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
    if (state === 'busy' && !host.problem) await waitFor(() => find('.data'), 'data is shown');
    // Colours in the middle of a transition have other contrasts.
    for (const animation of document.getAnimations()) animation.cancel();
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

  it('offers to send a failed message again or to discard it', async () => {
    await show('failed');
    const requestId = host.shownConversation.messages[0]?.requestId ?? '';
    for (const button of all('.actions button')) button.click();
    expect(host.calls).to.deep.equal([`retry ${requestId}`, `discard ${requestId}`]);
  });

  it('offers to try now while there is no connection', async () => {
    await show('offline');
    find('.banners button')?.click();
    expect(host.calls).to.deep.equal(['retryNow']);
  });

  it('says why it cannot connect when trying again will not help', async () => {
    await show('misconfigured');
    expect(find('.banners')?.textContent).to.contain('The server refuses this page.');
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
