import { html, nothing, type CSSResult, type ReactiveController, type TemplateResult } from 'lit';
import type { ConnectionStatus, Conversation, HybridClient } from '../client/types.ts';
import type { Undo } from '../protocol/emitter.ts';
import type { Message } from '../protocol/types.ts';
import { addStyles } from './add-styles.ts';
import { askingWords } from './chat-asking-words.ts';
import { AwaitingSpeech } from './chat-awaiting.ts';
import { renderBanner } from './chat-banner.ts';
import { ChatBody } from './chat-body.ts';
import { ChatComposer } from './chat-composer.ts';
import { renderEmpty, renderSkeleton } from './chat-empty.ts';
import { ChatFormat } from './chat-format.ts';
import { ChatHeader } from './chat-header.ts';
import type { Latest } from './chat-latest.ts';
import { emptyWords, needsExtras, type RowContext } from './chat-message.ts';
import { chatStyles } from './chat-styles.ts';
import type { ChatViewHost, ChatViewPart } from './chat-view-host.ts';
import { agentNameOf } from './agent-name.ts';
import { chatWords } from './chat-words.ts';
import { deliveryWords } from './chat-delivery-words.ts';
import { FocusKeeper } from './focus-keeper.ts';
import { waitingWords } from './hub-only.ts';
import { isReply } from './is-reply.ts';
import type { Language } from './language.ts';
import { LazyPart } from './lazy-part.ts';
import { MessageActions } from './message-actions.ts';
import { PageScheme } from './page-scheme.ts';
import { gist } from './plain-text.ts';
import type { RichText } from './rich-text.ts';
import { RowParts } from './row-parts.ts';
import { same } from './same.ts';
import { errorText } from './error-text.ts';
import { Speaker } from './speaker.ts';
import { SteadyWords } from './steady-words.ts';
import { tellDelivery } from './tell-delivery.ts';
import type { Words } from './words.ts';

export { ChatSession } from './chat-session.ts';
export { speak } from './language-controller.ts';

/** What a visitor is told of the connection while messages come and go. */
const REACHED: ReadonlySet<ConnectionStatus['state'] | undefined> = new Set<ConnectionStatus['state']>([
  'live',
  'degraded',
  'syncing',
]);
/** How long a copy button says that it has copied. */
const COPIED_MS = 2_000;

/**
 * The window of a chat: what the visitor sees and types in. Drawn inside the shadow root of its host, so that parts and
 * tokens of the host's page reach it. Follows the host's conversation and client while the host is in the document.
 */
export class ChatView implements ReactiveController, ChatViewPart {
  static readonly styles: CSSResult[] = chatStyles;

  readonly #host: ChatViewHost;
  readonly #body: ChatBody;
  readonly #composer: ChatComposer;
  readonly #actions: MessageActions;
  readonly #focus: FocusKeeper;
  readonly #header: ChatHeader;

  #conversation: Conversation | undefined;
  #client: HybridClient | undefined;
  #undo: Undo[] = [];

  #format = new ChatFormat();
  #language: Language | undefined;
  /** Fetched when a reply is first expected. Plain text until then, and if it cannot be had. */
  readonly #markdown = new LazyPart(
    () => import('./markdown.ts'),
    ({ RichText, styles }) => {
      this.#richText = new RichText(this.#host, navigator.clipboard && ((content) => this.#copy(content)));
      this.#restyle(styles);
    },
  );
  #richText: RichText | undefined;
  readonly #extras = new LazyPart(
    () => import('./chat-extras.ts'),
    ({ styles }) => this.#restyle(styles),
  );

  readonly #rows: RowParts;
  readonly #awaiting = new AwaitingSpeech(() =>
    this.#speaker.say(() => this.#host.language.words(askingWords).typing),
  );

  /** Fetched when the service has something to tell its users. */
  readonly #alerts = new LazyPart(
    async () => new (await import('./alert-view.ts')).AlertView(this.#host),
    () => this.#host.requestUpdate(),
  );

  /** What the transcript was last drawn from, and whether this update draws it anew. */
  #drawn: readonly unknown[] = [];
  #redraws = false;

  #copied: string | undefined;
  #copiedTimer: number | undefined;
  #countdownTimer: number | undefined;
  #expanded: ReadonlySet<string> = new Set();
  /** What assistive technology reads out. */
  readonly #speaker = new Speaker(
    () => this.#host.requestUpdate(),
    () => this.#host.language,
  );
  /** How the connection is, in words that do not tremble. */
  readonly #words = new SteadyWords(() => this.#host.requestUpdate());
  /** Why the last action of the visitor failed, in words for people. */
  #failure: string | undefined;
  /** Stored messages that cannot be read, as far as the visitor has taken note. */
  #noted = 0;

  constructor(host: ChatViewHost) {
    this.#host = host;
    this.#body = new ChatBody(host, {
      loadEarlier: () => this.#loadEarlier(),
      toField: () => this.#composer.focus(),
      nameOf: (workflowType) => agentNameOf(host, workflowType),
      ownName: () => this.#texts.you,
    });
    this.#focus = new FocusKeeper(host);
    this.#composer = new ChatComposer(host, {
      onSent: () => this.#body.scroll.toEnd(),
      canEdit: (requestId, state) => this.#actions.canEdit(requestId, state),
    });
    this.#actions = new MessageActions(host, {
      send: (text) => void this.#composer.send(text),
      edit: (requestId, text) => this.#composer.edit(requestId, text),
      say: (line) => this.#speaker.say(() => line),
      fail: (reason) => this.#fail(reason),
    });
    this.#rows = new RowParts(host, (line) => this.#speaker.say(() => line));
    this.#header = new ChatHeader(host, {
      say: (line) => this.#speaker.say(() => line),
      fail: (reason) => this.#fail(reason),
      toEnd: () => this.#body.scroll.toEnd(),
      transcript: this.#body.transcript,
    });
    host.addController(this);
    new PageScheme(host);
  }

  focus(): void {
    this.#composer.focus();
  }

  hostDisconnected(): void {
    this.#unfollow();
    this.#body.rest();
    clearTimeout(this.#copiedTimer);
    clearInterval(this.#countdownTimer);
    this.#countdownTimer = undefined;
    this.#markdown.rest();
    this.#richText?.rest();
    this.#extras.rest();
    this.#rows.rest();
    this.#awaiting.follow(undefined);
    this.#alerts.rest();
    this.#composer.rest();
    this.#speaker.clear();
    this.#words.rest();
    this.#focus.rest();
    this.#actions.keep();
    document.removeEventListener('visibilitychange', this.#inSight);
  }

  hostConnected(): void {
    this.#focus.watch();
    document.addEventListener('visibilitychange', this.#inSight);
    this.#host.requestUpdate();
  }

  hostUpdate(): void {
    this.#follow();
    this.#setLanguage();
    this.#focus.before();
    this.#redraws = this.#transcriptChanges();
    this.#body.updates(this.#redraws);
  }

  hostUpdated(): void {
    if (!this.#host.isConnected) return;
    this.#body.updated(this.#conversation, this.#redraws);
    this.#composer.updated();
    this.#focus.after();
    this.#loadParts();
    this.#awaiting.follow(this.#isReached ? this.#conversation?.awaitingReply?.requestId : undefined);
    this.#tickWhileWaiting();
  }

  render(): TemplateResult {
    const { display, heading, position, shown, language } = this.#host;
    const words = language.words(chatWords);
    const floating = display === 'bubble' || display === 'panel';
    const modal = floating && shown && this.#focus.fullScreen;
    const connection = this.#words.show(this.#status, this.#host.language);
    const unreadable = (this.#client?.outbox.status().quarantined ?? 0) - this.#noted;
    return html`<section
      id="window"
      class="ground window as-${display} ${position}"
      part="window"
      role=${floating ? 'dialog' : 'region'}
      lang=${language.spoken}
      aria-label=${heading ?? words.heading}
      aria-modal=${modal || nothing}
      ?inert=${!shown}
    >
      ${modal ? this.#focus.renderEdge() : nothing} ${this.#header.render(connection, floating)}
      ${this.#alerts.value?.render(this.#client, shown)}
      ${renderBanner({
        host: this.#host,
        status: this.#words.status,
        conversation: this.#conversation,
        failure: this.#failure,
        unreadable,
        dismiss: this.#dismissFailure,
        dismissUnreadable: () => this.#note(unreadable),
        retryAll: () => this.#actions.retryAll(),
      })}
      ${this.#body.render(this.#renderConversation(), words.conversation)}
      <div class="hush" role="status">${this.#speaker.words}</div>
      ${this.#composer.render()} ${this.#header.renderSheets()} ${this.#focus.renderEdges()}
      ${modal ? this.#focus.renderEdge() : nothing}
    </section>`;
  }

  /** Whether rows may come, go or change size: only then is the layout asked for, not at every key pressed. */
  #transcriptChanges(): boolean {
    const { messages, loading, awaitingReply, hasEarlier } = this.#conversation ?? {};
    const drawn = [
      messages,
      this.#status?.channel,
      loading,
      awaitingReply,
      hasEarlier,
      this.#richText?.render,
      this.#extras.value,
      this.#expanded,
      this.#composer.editing,
      this.#actions.discarding,
      this.#language,
      ...this.#rows.shown,
    ];
    const changed = !same(drawn, this.#drawn);
    this.#drawn = drawn;
    return changed;
  }

  get #texts(): Words<(typeof chatWords)['source']> {
    return this.#host.language.words(chatWords);
  }

  get #status(): ConnectionStatus | undefined {
    return this.#client?.status;
  }

  #renderConversation(): unknown {
    const conversation = this.#conversation;
    if (conversation && conversation.messages.length > 0) {
      return this.#body.transcript.render(conversation, this.#look(conversation), this.#loadEarlier);
    }
    const { problem, consentNeeded } = this.#host;
    // An idle client loads nothing: the visitor has signed out.
    const loading = conversation
      ? conversation.loading === 'initial' && this.#status?.state !== 'idle'
      : !problem && !consentNeeded;
    return loading && !this.#isStuck
      ? renderSkeleton(this.#host)
      : renderEmpty(this.#host, (text) => this.#composer.send(text));
  }

  /** Nothing will load soon; a banner says why. */
  get #isStuck(): boolean {
    const state = this.#status?.state;
    return state === 'offline' || state === 'waiting' || state === 'unauthorized' || state === 'closed';
  }

  get #isReached(): boolean {
    return REACHED.has(this.#words.status?.state);
  }

  #look(conversation: Conversation): Omit<RowContext, keyof Latest> {
    return {
      ...this.#rows.look(conversation),
      host: this.#host,
      language: this.#host.language,
      format: this.#format,
      now: Date.now(),
      markdown: this.#richText?.render,
      extras: this.#extras.value,
      copied: this.#copied,
      expanded: this.#expanded,
      copy: navigator.clipboard && ((text, key) => this.#copy(text, key)),
      expand: (key) => {
        this.#expanded = new Set([...this.#expanded, key]);
        this.#host.requestUpdate();
      },
      editing: this.#composer.editing,
      discarding: this.#actions.discarding,
      actions: this.#actions,
      channel: this.#status?.channel,
      isReached: this.#isReached,
      waitsFor: (message) => {
        const channel = this.#status?.channel;
        return waitingWords(message, this.#client?.outbox.list() ?? [], channel, this.#host.language);
      },
    };
  }

  #follow(): void {
    const { client, conversation, isConnected } = this.#host;
    // A host may draw itself once more after it was removed.
    if (!isConnected) return;
    if (client === this.#client && conversation === this.#conversation && this.#undo.length > 0) return;
    this.#unfollow();
    if (conversation !== this.#conversation) this.#startAnew();
    if (client !== this.#client) {
      this.#words.rest();
      this.#noted = 0;
    }
    this.#client = client;
    this.#conversation = conversation;
    let had = conversation?.messages.length ?? 0;
    const update = () => {
      const has = conversation?.messages.length ?? 0;
      // Once: what is said of the last message when it has gone is said after that.
      if (had > 0 && has === 0) {
        this.#forget();
        // Deleted, it is certain that nothing is there; after signing out nothing is known.
        if (conversation?.loading === 'initial') this.#speaker.say(() => this.#texts.signedOut);
      }
      had = has;
      this.#composer.settle();
      this.#host.requestUpdate();
    };
    if (client) {
      this.#undo.push(client.on('state', update), client.on('status', update), client.on('alert', update));
    }
    if (!conversation) return;
    this.#undo.push(
      conversation.on('change', update),
      conversation.on('message', (message) => this.#onMessage(message)),
      conversation.on('queued', ({ delivery }) => {
        if (delivery && this.#isStuck)
          this.#speaker.say(() =>
            delivery.persisted ? this.#texts.saved : this.#host.language.words(deliveryWords).notSaved,
          );
      }),
      conversation.on('failed', ({ delivery }) => {
        if (delivery) this.#speaker.say(() => tellDelivery(delivery, this.#host.language));
      }),
    );
  }

  /** Forgets what belonged to another conversation. */
  #startAnew(): void {
    this.#body.startAnew();
    this.#forget();
    this.#failure = undefined;
    this.#expanded = new Set();
  }

  /** What was read out, and what was being changed, goes with the messages. */
  #forget(): void {
    this.#speaker.clear();
    this.#composer.forget();
    this.#rows.forget();
  }

  #inSight = () => this.#body.look(this.#conversation);

  #unfollow(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }

  /** Reads a reply out once, when it arrives; what is loaded later, or drawn again, is not news. */
  #onMessage(message: Message): void {
    if (message.author !== 'agent') return;
    const agent = agentNameOf(this.#host, message.workflowType);
    if (message.type === 'Handoff') this.#speaker.say(() => this.#texts.nowTalkingTo({ agent }));
    else if (isReply(message)) {
      this.#speaker.say(() => this.#texts.says({ who: agent, text: this.#spoken(message) }), true);
    } else return;
    this.#body.arrived();
  }

  /** What of a message is read out: as it is drawn by then, or as it will be. */
  #spoken(message: Message): string {
    const drawn = message.text && this.#richText ? this.#body.transcript.textOf(message.id) : '';
    return drawn || gist(message) || emptyWords(message.type, this.#host);
  }

  #setLanguage(): void {
    const { language } = this.#host;
    if (language === this.#language) return;
    this.#language = language;
    this.#format = new ChatFormat(language.tag);
  }

  #loadParts(): void {
    const messages = this.#conversation?.messages ?? [];
    // Already while a reply is awaited: what is read out is what is drawn.
    if (
      this.#conversation?.awaitingReply ||
      messages.some(({ author, text }) => author === 'agent' && text)
    ) {
      this.#markdown.want();
    }
    this.#rows.load(this.#conversation);
    if (messages.some(needsExtras)) this.#extras.want();
    if (this.#client?.alerts.length) this.#alerts.want();
  }

  #restyle(styles: CSSResult): void {
    addStyles(this.#host, styles);
    this.#host.requestUpdate();
  }

  #tickWhileWaiting(): void {
    const ticking = this.#host.shown && this.#status?.until !== undefined;
    if (ticking === (this.#countdownTimer !== undefined)) return;
    clearInterval(this.#countdownTimer);
    this.#countdownTimer = ticking ? window.setInterval(() => this.#host.requestUpdate(), 1_000) : undefined;
  }

  async #copy(content: string | ClipboardItem, key?: string): Promise<boolean> {
    try {
      await (typeof content === 'string'
        ? navigator.clipboard.writeText(content)
        : navigator.clipboard.write([content]));
    } catch {
      // Whatever the browser's reason, the visitor can do the same thing about it.
      this.#fail(this.#texts.copyFailed);
      return false;
    }
    this.#copied = key;
    this.#speaker.say(() => this.#texts.copied);
    clearTimeout(this.#copiedTimer);
    this.#copiedTimer = window.setTimeout(() => {
      this.#copied = undefined;
      this.#host.requestUpdate();
    }, COPIED_MS);
    return true;
  }

  #loadEarlier = () => {
    this.#conversation?.loadEarlier().catch((reason: unknown) => {
      this.#fail(errorText(reason, this.#host.language));
    });
  };

  #note(unreadable: number): void {
    this.#noted += unreadable;
    this.#host.requestUpdate();
  }

  #fail(reason: string): void {
    this.#failure = reason;
    this.#host.requestUpdate();
  }

  #dismissFailure = () => {
    this.#failure = undefined;
    this.#host.requestUpdate();
  };
}
