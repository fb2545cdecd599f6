import { adoptStyles, LitElement } from 'lit';
import { ChatView } from '../../src/elements/chat-view.ts';
import type { ChatDisplay, ChatPosition, ChatViewHost } from '../../src/elements/chat-view-host.ts';
import { shellStyles } from '../../src/elements/chat-shell-styles.ts';
import { Language } from '../../src/elements/language.ts';
import { theme } from '../../src/elements/theme.ts';
import type { SystemAlert } from '../../src/client/alerts.ts';
import type {
  ConnectionStatus,
  Conversation,
  ConversationEvents,
  HybridClient,
} from '../../src/client/types.ts';
import { Emitter } from '../../src/protocol/emitter.ts';
import type { RealtimeError, Stored } from '../../src/protocol/errors.ts';
import type { Delivery, DeliveryState, Message, OutgoingMessage } from '../../src/protocol/types.ts';

// A chat window without a client: what it shows is set from outside.

export const NOW = Date.now();
let ids = 0;

/** A message of an agent, unless `part` says otherwise. */
export function message(part: Partial<Message>): Message {
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

/** A message of the visitor. */
export function own(text: string, state: DeliveryState, part: Partial<Delivery> = {}): Message {
  return message({ author: 'participant', text, delivery: { state, attempts: 1, persisted: true, ...part } });
}

/** What the view shows of a conversation, set from outside. */
export class ShownConversation {
  readonly #events = new Emitter<ConversationEvents>();
  messages: readonly Message[] = [];
  loading: Conversation['loading'];
  hasEarlier = false;
  awaitingReply: Conversation['awaitingReply'];
  error: RealtimeError | undefined;
  unread = 0;
  readonly workflowId = 'acme:Support Agent:Chat Flow';
  readonly calls: string[];
  /** What the next `edit()` says. */
  editing: () => Promise<boolean> = () => Promise.resolve(true);
  readonly on: Conversation['on'] = (event, listener) => this.#events.on(event, listener);

  constructor(calls: string[]) {
    this.calls = calls;
  }

  get listeners(): number {
    return this.#events.count('change') + this.#events.count('message') + this.#events.count('failed');
  }

  set(
    part: Partial<Pick<Conversation, 'messages' | 'loading' | 'awaitingReply' | 'error' | 'hasEarlier'>>,
  ): void {
    Object.assign(this, part);
    this.#events.emit('change', undefined);
  }

  room(message: OutgoingMessage): number {
    return 32_400 - new TextEncoder().encode(JSON.stringify(message)).length;
  }

  edit(requestId: string, text: string): Promise<boolean> {
    this.calls.push(`edit ${requestId} ${text}`);
    return this.editing();
  }

  retryAll(): Promise<number> {
    this.calls.push('retryAll');
    return Promise.resolve(this.messages.length);
  }

  markRead(): void {
    this.calls.push('markRead');
    this.unread = 0;
  }

  /** Tells that a message is in the queue, or failed. */
  tell(event: 'queued' | 'failed', message: Message): void {
    this.#events.emit(event, message);
  }

  /** New messages at the end, as from the live channel. */
  receive(...messages: Message[]): void {
    this.set({ messages: [...this.messages, ...messages] });
    for (const one of messages) this.#events.emit('message', one);
  }
}

/** An element with a chat view in it. `calls` is what the view has asked for. */
export class ViewHost extends LitElement implements ChatViewHost {
  static override styles = [theme, shellStyles];
  static override properties = { draft: {}, shown: {}, problem: {}, display: {} };

  readonly heading = 'Support';
  readonly placeholder = 'Write a message…';
  readonly suggestions = ['One', 'Two'];
  readonly position: ChatPosition = 'bottom-end';
  language = new Language('en');
  declare display: ChatDisplay;
  declare shown: boolean;
  declare draft: string;
  declare problem: RealtimeError | undefined;
  consentNeeded = false;
  topic: string | undefined;
  status: ConnectionStatus = {
    state: 'live',
    reason: 'synced',
    since: NOW,
    until: undefined,
    channel: 'hub',
    isShared: false,
    isSlow: false,
    lastGap: undefined,
    attempt: 0,
    lastSyncedAt: NOW,
    error: undefined,
    pending: 0,
    failed: 0,
    persisted: true,
  };
  alerts: readonly SystemAlert[] = [];
  /** Stored messages that could not be read. */
  quarantined = 0;
  readonly calls: string[] = [];
  readonly shownConversation = new ShownConversation(this.calls);
  /** Messages that failed and may have been stored. */
  readonly stored = new Map<string, Stored>();
  /** What the next `discard()` says. */
  discarding: () => Promise<boolean> = () => Promise.resolve(true);
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

  readonly client = this.#makeClient();

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
  retry(requestId: string): Promise<boolean> {
    this.calls.push(`retry ${requestId}`);
    return Promise.resolve(true);
  }
  discard(requestId: string): Promise<boolean> {
    this.calls.push(`discard ${requestId}`);
    return this.discarding();
  }
  retryLoad(): void {
    this.calls.push('retryLoad');
  }

  /** What the view asks of a client, as of when it asks. */
  #makeClient(): HybridClient {
    const { calls } = this;
    const status = () => this.status;
    const alerts = () => this.alerts;
    const list = () =>
      this.shownConversation.messages.map(({ requestId }) => ({
        id: requestId,
        message: {},
        error: { stored: this.stored.get(requestId ?? '') ?? 'no' },
      }));
    const client = {
      get status() {
        return status();
      },
      get alerts() {
        return alerts();
      },
      outbox: { list, status: () => ({ quarantined: this.quarantined }) },
      on: () => () => {},
      retryNow: () => calls.push('retryNow'),
      dismissAlert: (id: string) => {
        calls.push(`dismissAlert ${id}`);
        this.alerts = this.alerts.filter((alert) => alert.id !== id);
        this.requestUpdate();
      },
    };
    return client as unknown as HybridClient;
  }
}
customElements.define('test-view-host', ViewHost);
