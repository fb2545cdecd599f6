import { html, nothing, type TemplateResult } from 'lit';
import type { HybridClient } from '../client/types.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { OutgoingMessage } from '../protocol/types.ts';
import { recall, remember } from '../queue/visitor-memory.ts';
import { XiansPreChatEvent } from './chat-events.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { XiansErrorEvent } from './events.ts';
import { icon } from './icons.ts';
import { parsePreChat, type PreChatField, type PreChatName } from './pre-chat-fields.ts';
import { preChatWords } from './pre-chat-words.ts';

export { preChatStyles as styles } from './pre-chat-styles.ts';

/** What a visitor said before the chat; fields that were left empty are absent. */
export type PreChatValues = Readonly<Partial<Record<PreChatName, string>>>;

/** `unknown`: whether the visitor has written before is not known yet. */
type Need = 'yes' | 'no' | 'unknown';

/** States in which nothing more will be known soon. */
const STUCK: ReadonlySet<string> = new Set(['offline', 'waiting', 'unauthorized', 'closed']);

const KINDS: Readonly<Record<PreChatName, { type: string; autocomplete: AutoFill }>> = {
  name: { type: 'text', autocomplete: 'name' },
  email: { type: 'email', autocomplete: 'email' },
  phone: { type: 'tel', autocomplete: 'tel' },
  company: { type: 'text', autocomplete: 'organization' },
};

/**
 * The form that a visitor fills in before the first message, in place of the field. It is asked for once: not of somebody who
 * has written before, and not again in this page. What was said goes with the first message, unless the page takes it.
 */
export class PreChat {
  readonly #host: ChatViewHost;
  /** What was said and not sent yet, of each participant that has filled in the form. */
  #filled = new WeakMap<HybridClient, PreChatValues | undefined>();
  #fields: readonly PreChatField[] = [];
  #parsed: string | undefined;
  #problems: ReadonlyMap<string, string> = new Map();
  readonly #onDone: () => void;

  /** `onDone` runs when the form was filled in. */
  constructor(host: ChatViewHost, onDone: () => void) {
    this.#host = host;
    this.#onDone = onDone;
  }

  get need(): Need {
    const { client, conversation, problem, consentNeeded } = this.#host;
    if (!this.#asks) return 'no';
    if (problem || consentNeeded || !client || !conversation) return 'unknown';
    if (this.#filled.has(client) || this.#recall(client)) return 'no';
    if (conversation.messages.some(({ author }) => author === 'participant')) return 'no';
    return conversation.loading === 'initial' && !STUCK.has(client.state) ? 'unknown' : 'yes';
  }

  /** `message` with what was said, which goes with it if it is the first. */
  dress(message: OutgoingMessage): OutgoingMessage {
    const values = this.#values;
    return values ? { ...message, data: { ...message.data, visitor: values } } : message;
  }

  /** The first message has taken along what was said. */
  sent(): void {
    const { client } = this.#host;
    if (!client || !this.#values) return;
    this.#filled.set(client, undefined);
    this.#remember(client, undefined);
  }

  /** Forgets everything that was said. */
  forget(): void {
    this.#filled = new WeakMap();
    this.#problems = new Map();
  }

  focus(): void {
    this.#host.renderRoot.querySelector<HTMLElement>('.pre-chat input')?.focus();
  }

  /** `notice` stands above the questions. */
  render(notice: TemplateResult | undefined): TemplateResult {
    const words = this.#host.language.words(preChatWords);
    const count = this.#problems.size;
    return html`<form
      class="pre-chat"
      part="pre-chat"
      novalidate
      aria-label=${words.title}
      @submit=${this.#onSubmit}
    >
      ${notice}
      <p class="title" part="pre-chat-title">${words.title}</p>
      <p class="detail">${words.detail}</p>
      <div role="alert">
        ${
          count > 0
            ? html`<div class="banner danger" part="banner">
                ${icon('alert')}<span>${words.check({ count })}</span>
              </div>`
            : nothing
        }
      </div>
      ${this.#fields.map((field) => this.#renderField(field))} ${this.#renderConsent()}
      <button type="submit" class="start" part="pre-chat-start">${words.start}</button>
    </form>`;
  }

  #renderField({ name, required }: PreChatField): TemplateResult {
    const words = this.#host.language.words(preChatWords);
    const id = `pre-chat-${name}`;
    const { type, autocomplete } = KINDS[name];
    const problem = this.#problems.get(name);
    return html`<div class="question">
      <label for=${id}>${required ? words[name] : words.optional({ field: words[name] })}</label>
      <input
        id=${id}
        name=${name}
        type=${type}
        part="pre-chat-input"
        dir="auto"
        maxlength="200"
        autocomplete=${autocomplete}
        ?required=${required}
        aria-invalid=${problem ? 'true' : nothing}
        aria-describedby=${problem ? `${id}-problem` : nothing}
      />
      ${this.#renderProblem(name)}
    </div>`;
  }

  #renderConsent(): TemplateResult | typeof nothing {
    const text = this.#host.preChatText?.trim();
    if (!text) return nothing;
    const problem = this.#problems.has('consent');
    return html`<div class="question">
      <label class="consent">
        <input
          name="consent"
          type="checkbox"
          required
          aria-invalid=${problem ? 'true' : nothing}
          aria-describedby=${problem ? 'pre-chat-consent-problem' : nothing}
        />
        <span dir="auto">${text}</span>
      </label>
      ${this.#renderProblem('consent')}
    </div>`;
  }

  #renderProblem(name: string): TemplateResult | typeof nothing {
    const problem = this.#problems.get(name);
    return problem ? html`<p class="problem" id="pre-chat-${name}-problem">${problem}</p>` : nothing;
  }

  /** Whether there is anything to ask: a field, or whether the visitor agrees. */
  get #asks(): boolean {
    const { preChat, preChatText } = this.#host;
    return this.#read().length > 0 || (preChat !== undefined && Boolean(preChatText?.trim()));
  }

  get #values(): PreChatValues | undefined {
    const { client } = this.#host;
    return client && this.#filled.get(client);
  }

  #read(): readonly PreChatField[] {
    const { preChat = '' } = this.#host;
    if (preChat === this.#parsed) return this.#fields;
    this.#parsed = preChat;
    this.#fields = [];
    try {
      this.#fields = parsePreChat(preChat);
    } catch (error) {
      // A chat that cannot ask still chats.
      const problem = RealtimeError.from(error, 'input', 'The attribute pre-chat cannot work.');
      // Not while the chat is drawn: what a page does then would have to be drawn at once.
      queueMicrotask(() => this.#host.dispatchEvent(new XiansErrorEvent(problem)));
    }
    return this.#fields;
  }

  #onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    const inputs = [...(event.target as HTMLFormElement).querySelectorAll('input')];
    for (const input of inputs) if (input.type !== 'checkbox') input.value = harmless(input.value);
    this.#problems = new Map(
      inputs.filter(({ validity }) => !validity.valid).map((input) => [input.name, this.#problemOf(input)]),
    );
    const [wrong] = inputs.filter(({ validity }) => !validity.valid);
    if (!wrong) return this.#finish(inputs);
    this.#host.requestUpdate();
    // After what is wrong is said beside it.
    void this.#host.updateComplete.then(() => wrong.focus());
  };

  #finish(inputs: readonly HTMLInputElement[]): void {
    const { client, preChatText } = this.#host;
    if (!client) return;
    const filled = inputs.filter(({ type, value }) => type !== 'checkbox' && value !== '');
    const values: PreChatValues = Object.fromEntries(filled.map(({ name, value }) => [name, value]));
    const event = new XiansPreChatEvent(values, preChatText?.trim() || undefined);
    const goes = this.#host.dispatchEvent(event) && filled.length > 0;
    this.#filled.set(client, goes ? values : undefined);
    this.#remember(client, goes ? values : undefined);
    this.#onDone();
  }

  /** Until the first message is sent, and where it is known whose answers they are. Signing out wipes it. */
  #remember(client: HybridClient, values: PreChatValues | undefined): void {
    const name = memoryOf(client);
    if (name) remember(name, values && JSON.stringify(values));
  }

  /** Whether the form was filled in before a reload, and no message was sent since. */
  #recall(client: HybridClient): boolean {
    const name = memoryOf(client);
    const values = name && parseValues(recall(name));
    if (values) this.#filled.set(client, values);
    return Boolean(values);
  }

  #problemOf({ type, validity }: HTMLInputElement): string {
    const words = this.#host.language.words(preChatWords);
    if (type === 'checkbox') return words.notAgreed;
    return validity.typeMismatch ? words.badEmail : words.missing;
  }
}

/** Whose answers are remembered: `undefined` where only a token will tell. */
function memoryOf({ options: { serverUrl, tenantId, participantId } }: HybridClient): string | undefined {
  return participantId && `pre-chat:${JSON.stringify([serverUrl, tenantId, participantId.toLowerCase()])}`;
}

function parseValues(text: string | undefined): PreChatValues | undefined {
  if (!text) return undefined;
  try {
    const values: unknown = JSON.parse(text);
    if (typeof values !== 'object' || values === null) return undefined;
    const texts = Object.entries(values).filter(([, value]) => typeof value === 'string');
    return Object.fromEntries(texts);
  } catch {
    return undefined; // Somebody else wrote there: the visitor is asked again.
  }
}

/** What nobody sees is not part of a name. */
function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/gu, '').trim();
}
