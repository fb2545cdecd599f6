import { LitElement, html, nothing, svg, type PropertyValues } from 'lit';
import { hasConnection } from '../context/connection-options.ts';
import type { Conversation, HybridClient } from '../client/types.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Message, OutgoingMessage, SendReceipt } from '../protocol/types.ts';
import { attached } from './attached.ts';
import { ChatParts, prefetchParts } from './chat-parts.ts';
import { shellStyles } from './chat-shell-styles.ts';
import type { ChatDisplay, ChatPosition, ChatViewHost } from './chat-view-host.ts';
import { ClientController } from './client-controller.ts';
import { connectionProperties, textProperties } from './connection-properties.ts';
import { commaListConverter, suggestionsConverter } from './converters.ts';
import { XiansClosedEvent, XiansErrorEvent, XiansOpenedEvent, forwardClientEvents } from './events.ts';
import type { TranscriptFormat } from './export-transcript.ts';
import type { Language, OwnWords } from './language.ts';
import { LazyPart } from './lazy-part.ts';
import { OwnClient } from './own-client.ts';
import { theme } from './theme.ts';

/** Glyphs of the launcher. */
const CHAT = svg`<path d="M4 6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7l-5 4v-4a2 2 0 0 1-2-2zM8 9h8M8 12h5" />`;
const CLOSE = svg`<path d="m6 9 6 6 6-6" />`;

/** Texts that are read by the parts they concern. */
const OPTIONS =
  'imageOrigins attachments feedback agentName agentAvatar tools launcher notify preChat preChatText hours awayText';

const CONSENT_WORDS = 'This chat starts once you have allowed it here.';

const NO_CONNECTION = new RealtimeError(
  'input',
  'This chat is not connected to a server: it needs server-url, or an xians-provider around it.',
);
const NO_WORKFLOW = new RealtimeError('input', 'The attribute workflow is missing.');

/**
 * A conversation with an agent: in the page (`inline`, `page`), in a drawer (`panel`), or behind a floating button
 * (`bubble`). Takes its connection from its own attributes or from the `xians-provider` around it. Until its window is
 * first shown it neither loads the chat's code nor connects; a message sent by {@link send} does both.
 *
 * @tag xians-chat
 * @slot - Shown until the chat is loaded, or if it cannot be: a link to a contact page, for example.
 * @slot launcher - Icon of the floating button.
 * @csspart launcher - The floating button.
 * @csspart badge - The count of unseen messages on it.
 * @csspart preview - The newest message beside it.
 * @csspart resize - An edge of the window that can be moved.
 * @csspart window - The whole window.
 * @csspart header - Heading, status and close button.
 * @csspart heading - The title of the window.
 * @csspart status - The state of the connection, in words.
 * @csspart close - The button that closes a bubble or panel.
 * @csspart alert - What the service tells its users, above the conversation.
 * @csspart alert-dismiss - The button that closes it.
 * @csspart banner - A notice above the conversation or the composer.
 * @csspart transcript - The scrolling box with the messages.
 * @csspart suggestion - A message offered at the start, or under a reply.
 * @csspart action - A button or link of a Data message.
 * @csspart card - A Data message of type card.
 * @csspart table - The table of a Data message of type table.
 * @csspart chart - A Data message of type chart.
 * @csspart form - A Data message of type form.
 * @csspart approval - A Data message of type approval.
 * @csspart message - A message with everything around its bubble.
 * @csspart message-own - A message of the visitor.
 * @csspart message-agent - A message of an agent.
 * @csspart bubble - The content of a message.
 * @csspart bubble-own - The content of a message of the visitor.
 * @csspart bubble-agent - The content of a message of an agent.
 * @csspart meta - Time and delivery of a message.
 * @csspart progress - What an agent did before it answered.
 * @csspart notice - A line between messages: a handoff, a slow reply.
 * @csspart composer - Field, button and hints.
 * @csspart input - The field the visitor writes in.
 * @csspart send - The button that sends.
 * @csspart attach - The button that chooses files.
 * @csspart attachments - The files that wait to be sent.
 * @csspart attachment - One of them.
 * @csspart drop - What covers the window while files are dragged over it.
 * @csspart away - What is said outside of the hours.
 * @csspart pre-chat - The form before the first message.
 * @csspart pre-chat-title - Its title.
 * @csspart pre-chat-input - A field of it.
 * @csspart pre-chat-start - Its button.
 * @fires {XiansBeforeSendEvent} xians-before-send - A message is about to be queued. Cancelable; `message` may be replaced.
 * @fires {XiansMessageQueuedEvent} xians-message-queued - A message is in the queue.
 * @fires {XiansMessageSentEvent} xians-message-sent - The server has a message.
 * @fires {XiansMessageFailedEvent} xians-message-failed - A message needs the visitor: retry or discard.
 * @fires {XiansMessageReceivedEvent} xians-message-received - A message arrived.
 * @fires {XiansHandoffEvent} xians-handoff - Another workflow took over.
 * @fires {XiansActionEvent} xians-action - A button or form of a Data message is about to do its work. Cancelable.
 * @fires {XiansFeedbackEvent} xians-feedback - The visitor rated a reply, or said why. The page keeps it.
 * @fires {XiansPreChatEvent} xians-pre-chat - The questions before the chat are answered. Canceled, the answers do not go to the agent.
 * @fires {XiansOpenedEvent} xians-opened - The window of a bubble or panel opened.
 * @fires {XiansClosedEvent} xians-closed - The window of a bubble or panel closed.
 * @fires {XiansTopicChangedEvent} xians-topic-changed - The visitor went to another topic.
 * @fires {XiansStateChangedEvent} xians-state-changed - With attributes of its own: the connection's state changed.
 * @fires {XiansUnreadChangedEvent} xians-unread-changed - With attributes of its own: messages arrived that nobody has seen, or were seen.
 * @fires {XiansAlertEvent} xians-alert - With attributes of its own: the service told its users something, or somebody closed it.
 * @fires {XiansMetricsEvent} xians-metrics - With attributes of its own: what was measured so far; at most every 10 s.
 * @fires {XiansErrorEvent} xians-error - The attributes cannot work, or something failed where no call reports it.
 * @cssprop [--xians-accent-color] - Buttons, links and the visitor's messages.
 * @cssprop [--xians-on-accent-color] - Text on the accent colour.
 * @cssprop [--xians-offset=20px] - Distance of the floating button from the edges.
 * @cssprop [--xians-z-index=2147483000] - Stacking of what floats.
 */
export class XiansChat extends LitElement implements ChatViewHost {
  static override styles = [theme, shellStyles];
  static override properties = {
    ...connectionProperties,
    ...textProperties(OPTIONS.split(' ')),
    workflow: {},
    topic: {},
    handoffWorkflows: { attribute: 'handoff-workflows', converter: commaListConverter },
    display: { reflect: true },
    open: { type: Boolean, reflect: true },
    position: { reflect: true },
    heading: {},
    placeholder: {},
    suggestions: { converter: suggestionsConverter },
    preview: { type: Boolean },
    rememberOpen: { type: Boolean, attribute: 'remember-open' },
    resizable: { type: Boolean },
    redactStep: { attribute: false },
    draft: { attribute: false },
  };

  /**
   * Address of the Xians server: `https://host[:port]`. A relative one is resolved against the page.
   * @attr server-url
   */
  declare serverUrl: string | undefined;
  /**
   * The tenant to connect to. Case matters.
   * @attr tenant-id
   */
  declare tenantId: string | undefined;
  /**
   * Who takes part. Default: the `sub` of the token. Needed with `api-key`. Case does not matter.
   * @attr participant-id
   */
  declare participantId: string | undefined;
  /**
   * Endpoint of the page's own site that answers `{ token, expiresIn? }` or `{ access_token, expires_in }`.
   * @attr token-url
   */
  declare tokenUrl: string | undefined;
  /**
   * The tenant's key, for development only: whoever opens the page can read it.
   * @attr api-key
   */
  declare apiKey: string | undefined;
  /** Gives a token when one is needed; instead of `token-url`. Keep the same function to keep the connection. */
  declare getToken: (() => string | Promise<string>) | undefined;
  /**
   * Present with any value but `true`: nothing is requested or stored until it becomes `true`.
   * @attr consent
   */
  declare consent: boolean | undefined;
  /**
   * Language of words, dates and numbers, as a BCP 47 tag. Default: that of the provider, else of the page.
   * English where there are no words in it.
   * @attr locale
   */
  declare locale: string | undefined;

  /**
   * Address that gets what the client measured, about once a minute and when the page goes. Default: none.
   * @attr metrics-url
   */
  declare metricsUrl: string | undefined;
  /**
   * How it is told: `json` (default) or `otlp`, the JSON form of OpenTelemetry's protocol.
   * @attr metrics-format
   */
  declare metricsFormat: string | undefined;
  /**
   * Address that gets reports of errors, without what anybody wrote and without credentials. Default: none.
   * @attr errors-url
   */
  declare errorsUrl: string | undefined;
  /**
   * Workflow whose system alerts are shown and told: `Agent:Flow`. Default: none.
   * @attr alerts-workflow
   */
  declare alertsWorkflow: string | undefined;
  /**
   * Topic of the alerts. Absent: all topics.
   * @attr alerts-topic
   */
  declare alertsTopic: string | undefined;
  /**
   * Which requests carry a `traceparent`: `same-origin` (default), `always` or `never`.
   * @attr tracing
   */
  declare tracing: string | undefined;

  /** Whom to talk to: `Agent:Flow`, or a full id that starts with the tenant. */
  workflow: string | undefined;
  /** Topic inside the conversation. Absent: the default topic. */
  topic: string | undefined;
  /** Workflows that may take over, separated by commas: a handoff to one that is not listed goes unnoticed. */
  handoffWorkflows: readonly string[] = [];

  /** Where the window is. Unknown values count as `inline`. */
  display: ChatDisplay = 'inline';
  /** Whether the window of a bubble or panel shows. */
  open = false;
  /** Corner of a bubble, side of a panel. */
  position: ChatPosition = 'bottom-end';

  /** Title of the window and name of the floating button. Default: "Chat", in the visitor's language. */
  declare heading: string | undefined;
  /** What the empty composer says. Default: "Write a message…", in the visitor's language. */
  declare placeholder: string | undefined;
  /** Messages to offer at the start; as an attribute JSON (`["a","b"]`) or `a | b`. */
  suggestions: readonly string[] = [];
  /** What the visitor has written and not sent: kept on this device with the conversation, and shared by the site's tabs. */
  draft = '';

  /**
   * Texts in the page's own words, by key: `{"chat.send":"Off it goes"}`; as an attribute JSON.
   * @attr strings
   */
  declare strings: string | OwnWords | undefined;
  /**
   * Origins whose images are shown in messages, separated by commas. Images of others stay a link.
   * @attr image-origins
   */
  declare imageOrigins: string | undefined;
  /**
   * Which files may be sent, as the `accept` of a file field says it (`image/*,.pdf`); empty: any. Absent: none.
   * @attr attachments
   */
  declare attachments: string | undefined;
  /**
   * How replies are rated: `thumbs` or `stars`. Absent: not at all.
   * @attr feedback
   */
  declare feedback: string | undefined;
  /**
   * Who answers, in place of the workflow's name.
   * @attr agent-name
   */
  declare agentName: string | undefined;
  /**
   * Address of the picture of who answers.
   * @attr agent-avatar
   */
  declare agentAvatar: string | undefined;
  /**
   * What the menu offers, of `search topics export print sound notifications delete`. Absent: `search export print`.
   * @attr tools
   */
  declare tools: string | undefined;
  /**
   * CSS selector of the page's own buttons that open and close the window, in place of the floating one.
   * @attr launcher
   */
  declare launcher: string | undefined;
  /** Shows the newest message beside the closed floating button. */
  declare preview: boolean | undefined;
  /**
   * How a visitor who looks elsewhere may be told of replies, of `title sound desktop`.
   * @attr notify
   */
  declare notify: string | undefined;
  /**
   * A window that the visitor left open is open again on the next page of the site.
   * @attr remember-open
   */
  declare rememberOpen: boolean | undefined;
  /** Lets the visitor change the size of a bubble's or panel's window. */
  declare resizable: boolean | undefined;
  /**
   * What to ask before the first message, of `name email phone company`, with `*` after what is required.
   * @attr pre-chat
   */
  declare preChat: string | undefined;
  /**
   * What the visitor agrees to there. Absent: nothing to agree to.
   * @attr pre-chat-text
   */
  declare preChatText: string | undefined;
  /**
   * When somebody answers: `Mo-Fr 09:00-17:00; Sa 10:00-14:00 Europe/Berlin`. Absent: always.
   * @attr hours
   */
  declare hours: string | undefined;
  /**
   * What is said outside of these hours.
   * @attr away-text
   */
  declare awayText: string | undefined;
  /** What a visitor may see of a step of an agent's work: the step, another in its place, or `undefined` for nothing. */
  declare redactStep: ((step: Message) => Message | undefined) | undefined;

  readonly #connection: ClientController;
  readonly #own: OwnClient;
  readonly #parts: ChatParts;
  /** What works while the window is closed: fetched where somebody asks for it, or there may be something to tell. */
  readonly #outside = new LazyPart(
    async () => new (await import('./chat-launcher.ts')).ChatLauncher(this),
    () => this.requestUpdate(),
  );
  #reported: RealtimeError | undefined;
  /** Focus goes into the window as soon as it can take it. */
  #focusWanted = false;
  #focusBefore: HTMLElement | undefined;
  /** Key of the connection that the draft was written for. */
  #draftKey: string | undefined;

  constructor() {
    super();
    this.#connection = new ClientController(this, (client) =>
      this.#own.shared ? forwardClientEvents(client, this) : undefined,
    );
    this.#own = new OwnClient(this, (shared) => {
      this.#connection.own = shared;
    });
    this.#parts = new ChatParts(this, this.#connection);
    this.addEventListener('keydown', this.#onKeyDown);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#parts.rest();
    this.#outside.rest();
    // Not at once: a chat that is only moved keeps its conversation.
    queueMicrotask(() => {
      if (!this.isConnected) this.#parts.session?.close();
    });
  }

  /** The client, once something has needed it. */
  get client(): HybridClient | undefined {
    return this.#connection.client;
  }

  /** The conversation, once the client is loaded. */
  get conversation(): Conversation | undefined {
    return this.#parts.session?.conversation;
  }

  /**
   * Whether the window shows.
   * @internal
   */
  get shown(): boolean {
    return this.open || !this.#closable;
  }

  /**
   * What the window speaks. Given by its code, once that is loaded.
   * @internal
   */
  declare language: Language;

  /**
   * Whether nothing may be requested or stored yet.
   * @internal
   */
  get consentNeeded(): boolean {
    return this.#connection.shared?.blocked === 'consent';
  }

  /**
   * Why there is no conversation, in words for people.
   * @internal
   */
  get problem(): RealtimeError | undefined {
    return this.#attributeProblem() ?? this.#parts.session?.problem ?? this.#parts.problem;
  }

  /** Opens the window of a bubble or panel. Focus follows if this is the answer to something the visitor did. */
  show(): void {
    this.#focusWanted = !this.open && navigator.userActivation?.isActive !== false;
    this.#focusBefore = document.activeElement instanceof HTMLElement ? document.activeElement : undefined;
    this.open = true;
  }

  /** Closes the window of a bubble or panel, with draft and place kept, and gives focus back. */
  hide(): void {
    const inside = this.shadowRoot?.activeElement;
    this.open = false;
    if (!inside) return;
    void this.updateComplete.then(() => {
      const launcher = this.shadowRoot?.querySelector<HTMLElement>('.launcher');
      (launcher ?? this.#focusBefore)?.focus();
    });
  }

  /** Opens the window of a bubble or panel, or closes it. */
  toggle(): void {
    if (this.open) this.hide();
    else this.show();
  }

  /**
   * Queues a message, loading and connecting what is needed. Resolves when the queue has it, or with `undefined` when a
   * listener of `xians-before-send` cancelled it. Rejects with a `RealtimeError`; with `input` outside a document, like the
   * other methods that need the client.
   */
  async send(message: string | OutgoingMessage): Promise<SendReceipt | undefined> {
    return (await this.#parts.loadSession()).send(message, () => this.#ready());
  }

  /** Sends a failed message again, under the same request id. Resolves with whether it had failed. */
  async retry(requestId: string): Promise<boolean> {
    return (await this.#ready()).retry(requestId);
  }

  /** Forgets a message that waits or failed. Resolves with `false` for one that is under way, which may have arrived. */
  async discard(requestId: string): Promise<boolean> {
    return (await this.#ready()).discard(requestId);
  }

  /** Puts `text` into the composer in place of what is there. */
  prefill(text: string): void {
    this.draft = text;
  }

  /** The messages loaded so far as one text, oldest first. Rejects with `input` for a format that does not exist. */
  async exportTranscript(format: TranscriptFormat = 'markdown'): Promise<string> {
    await this.#ready();
    return (await this.#parts.loadSession()).exportTranscript(format);
  }

  /** Deletes the conversation with all its topics, on the server. Other devices are not told. */
  async deleteConversation(): Promise<void> {
    await (await this.#ready()).delete();
  }

  /** Disconnects, and forgets everything about the participant on this device: queue, messages, drafts and tokens. */
  async logout(): Promise<void> {
    await (await this.#loadClient()).logout();
    this.draft = '';
  }

  /**
   * Tries again what {@link problem} says could not be loaded.
   * @internal
   */
  retryLoad(): void {
    this.#parts.retry();
  }

  protected override willUpdate(_changed: PropertyValues<this>): void {
    if (!/^(bubble|panel|page)$/.test(this.display)) this.display = 'inline';
    this.#own.update(hasConnection(this) ? this : undefined, this.consent);
    if (!this.isConnected) return;
    this.#guardDraft();
    this.#parts.session?.follow(this.#connection.client, this);
    this.#parts.session?.hold(this.shown);
  }

  protected override render(): unknown {
    const window = this.#parts.view?.render() ?? (this.shown ? this.#renderWaiting() : nothing);
    const launcher =
      this.display === 'bubble' && (!this.launcher || this.#outside.value?.isNeeded)
        ? this.#renderLauncher()
        : nothing;
    return [window, launcher, this.#outside.value?.preview];
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (this.shown && this.isConnected && !this.#attributeProblem()) this.#parts.want(changed.has('open'));
    if (this.#focusWanted && this.shown && this.#parts.view) {
      this.#focusWanted = false;
      this.#parts.view.focus();
    }
    if (
      this.launcher ||
      this.preview ||
      this.notify ||
      this.rememberOpen ||
      (this.#connection.client && !this.shown)
    ) {
      this.#outside.want();
    }
    this.#report();
    if (this.#closable && changed.has('open') && (this.open || changed.get('open'))) {
      this.dispatchEvent(this.open ? new XiansOpenedEvent() : new XiansClosedEvent());
    }
  }

  /**
   * Clears the draft when the connection becomes another one: whoever is next at this device must not find it. A text that
   * was there before the first connection stays, and so does one that waits for consent or for an element that moves.
   */
  #guardDraft(): void {
    const { shared } = this.#connection;
    if (!shared || shared.blocked === 'consent' || shared.key === this.#draftKey) return;
    if (this.#draftKey) this.draft = '';
    this.#draftKey = shared.blocked ? undefined : shared.key;
  }

  #renderLauncher() {
    return html`<button
      class="ground launcher ${this.position}"
      part="launcher"
      type="button"
      aria-label=${this.#outside.value?.name ?? this.heading ?? 'Chat'}
      aria-expanded=${this.open}
      aria-controls=${this.#parts.view || this.open ? 'window' : nothing}
      @click=${this.#onLauncher}
      @pointerenter=${prefetchParts}
      @focus=${prefetchParts}
    >
      <slot name="launcher"
        ><svg viewBox="0 0 24 24" aria-hidden="true">${this.open ? CLOSE : CHAT}</svg></slot
      >${this.#outside.value?.badge}
    </button>`;
  }

  #renderWaiting() {
    const { problem } = this;
    const words = problem?.message ?? (this.consentNeeded ? CONSENT_WORDS : 'The chat is loading…');
    const button = (label: string, action: () => void) =>
      html`<button class="pill" type="button" @click=${action}>${label}</button>`;
    return html`<section
      id="window"
      class="ground waiting ${this.#closable ? 'float' : ''} ${this.position}"
      part="window"
      aria-label=${this.heading ?? 'Chat'}
    >
      <div role=${problem ? 'alert' : 'status'} dir="auto">${words}</div>
      ${problem?.retryable ? button('Try again', this.retryLoad) : nothing}
      <slot></slot>
      ${this.#closable ? button('Close', this.hide) : nothing}
    </section>`;
  }

  get #closable(): boolean {
    return this.display === 'bubble' || this.display === 'panel';
  }

  #attributeProblem(): RealtimeError | undefined {
    const { shared } = this.#connection;
    if (shared?.blocked instanceof RealtimeError) return shared.blocked;
    if (!shared && !this.#providerExpected()) return NO_CONNECTION;
    if (!this.workflow?.trim()) return NO_WORKFLOW;
    return undefined;
  }

  /** Inside a provider that has not spoken yet, or whose tag is not defined yet. */
  #providerExpected(): boolean {
    return this.#connection.provided || this.closest('xians-provider') !== null;
  }

  /** Tells the page of problems that nobody else tells: a provider reports its own attributes. */
  #report(): void {
    const { problem } = this;
    if (problem === this.#reported) return;
    this.#reported = problem;
    const foreign =
      problem !== undefined && problem === this.#connection.shared?.blocked && !this.#own.shared;
    if (problem && !foreign) this.dispatchEvent(new XiansErrorEvent(problem));
  }

  async #loadClient(): Promise<HybridClient> {
    await attached(this);
    const { shared } = this.#connection;
    if (!shared) throw this.problem ?? NO_CONNECTION;
    return shared.load();
  }

  /** The conversation, with everything loaded that it needs, and open. */
  async #ready(): Promise<Conversation> {
    const [client, session] = await Promise.all([this.#loadClient(), this.#parts.loadSession()]);
    session.follow(client, this);
    if (!this.conversation) throw this.problem ?? NO_WORKFLOW;
    return this.conversation;
  }

  #onLauncher = () => {
    this.toggle();
    this.#focusWanted = this.open;
  };

  #onKeyDown = (event: KeyboardEvent) => {
    if (
      event.key !== 'Escape' ||
      !this.open ||
      !this.#closable ||
      event.defaultPrevented ||
      event.isComposing
    )
      return;
    event.preventDefault();
    this.hide();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'xians-chat': XiansChat;
  }
}
