import { expect } from '@open-wc/testing';
import type { Conversation, ConversationEvents, HybridClient } from '../../src/client/types.ts';
import { ENGLISH } from '../../src/elements/language.ts';
import { ChatSession, type ChatTarget } from '../../src/elements/chat-session.ts';
import { Emitter } from '../../src/protocol/emitter.ts';

/** A conversation of which only the draft is of interest. `saved` is what it was told to keep. */
class DraftConversation {
  readonly #events = new Emitter<ConversationEvents>();
  readonly saved: string[] = [];
  readonly messages = [];
  readonly awaitingReply = undefined;
  readonly on: Conversation['on'] = (event, listener) => this.#events.on(event, listener);
  draft: string;

  constructor(draft: string) {
    this.draft = draft;
  }

  setDraft(text: string): void {
    this.saved.push(text);
    this.draft = text;
  }

  /** As from storage, another tab or a sign-out. */
  change(text: string): void {
    this.draft = text;
    this.#events.emit('draft', text);
  }

  /** As when another chat of the page has sent it. */
  send(): void {
    this.draft = '';
    this.#events.emit('change', undefined);
  }

  get listeners(): number {
    return this.#events.count('draft');
  }
}

/** Has a field like the composer's. The session is told of the draft at each update, as the element does. */
class DraftHost extends HTMLElement {
  readonly language = ENGLISH;
  readonly agentName = undefined;
  readonly redactStep = undefined;
  readonly conversation = undefined;
  draft = '';
  readonly session = new ChatSession(this);
  readonly field = document.createElement('textarea');
  readonly conversations = new Map<string, DraftConversation>();
  target: ChatTarget = { workflow: 'A:Flow', topic: undefined, handoffWorkflows: [] };
  readonly client = {
    conversation: (workflow: string, topic = '') => this.of(workflow, topic),
  } as unknown as HybridClient;

  constructor() {
    super();
    this.attachShadow({ mode: 'open' }).append(this.field);
  }

  of(workflow: string, topic = ''): DraftConversation {
    const key = `${workflow} ${topic}`;
    const known = this.conversations.get(key) ?? new DraftConversation('');
    this.conversations.set(key, known);
    return known;
  }

  update(draft = this.draft): void {
    this.draft = draft;
    this.session.follow(this.client, this.target);
  }
}
customElements.define('test-draft-host', DraftHost);

describe('the draft of a chat', () => {
  let host: DraftHost;

  beforeEach(() => {
    host = new DraftHost();
    document.body.append(host);
  });

  afterEach(() => host.remove());

  it('comes from the conversation', () => {
    host.of('A:Flow').draft = 'from last time';
    host.update();
    expect(host.draft).to.equal('from last time');
    expect(host.of('A:Flow').saved).to.deep.equal([]);
  });

  it('is kept at every change', () => {
    host.update();
    host.update('h');
    host.update('he');
    host.update('he');
    host.update('');
    expect(host.of('A:Flow').saved).to.deep.equal(['h', 'he', '']);
  });

  it('is what was typed before the conversation was known, whatever was stored', () => {
    host.of('A:Flow').draft = 'from last time';
    host.update('typed at once');
    expect(host.draft).to.equal('typed at once');
    expect(host.of('A:Flow').saved).to.deep.equal(['typed at once']);
  });

  it('belongs to its workflow and topic', () => {
    host.update('about A');
    host.of('A:Flow', 'orders').draft = 'about orders';
    host.target = { ...host.target, topic: 'orders' };
    host.update();
    expect(host.draft).to.equal('about orders');
    host.target = { ...host.target, workflow: 'B:Flow', topic: undefined };
    host.update();
    expect(host.draft).to.equal('');
    host.target = { ...host.target, workflow: 'A:Flow' };
    host.update();
    expect(host.draft).to.equal('about A');
    expect(host.of('B:Flow').saved).to.deep.equal([]);
    expect(host.of('A:Flow', 'orders').saved).to.deep.equal([]);
  });

  it('may be set together with the workflow that it is for', () => {
    host.update('about A');
    host.target = { ...host.target, workflow: 'B:Flow' };
    host.update('about B');
    expect(host.of('B:Flow').saved).to.deep.equal(['about B']);
    expect(host.of('A:Flow').draft).to.equal('about A');
  });

  it('is not taken along to the next participant, nor is theirs erased', () => {
    host.update('for my eyes only');
    host.update(''); // as the element does when its connection becomes another one
    host.session.follow(undefined, host.target);
    host.of('A:Flow').draft = 'of the next one';
    host.of('A:Flow').saved.length = 0;
    host.update();
    expect(host.draft).to.equal('of the next one');
    expect(host.of('A:Flow').saved).to.deep.equal([]);
  });

  it('follows another tab, and is not sent back to it', () => {
    host.update('old');
    host.of('A:Flow').change('from another tab');
    expect(host.draft).to.equal('from another tab');
    host.update();
    expect(host.of('A:Flow').saved).to.deep.equal(['old']);
  });

  it('stays as it is while the visitor writes right here', () => {
    host.update('writing');
    host.field.focus();
    host.of('A:Flow').change('from another tab');
    expect(host.draft).to.equal('writing');
    host.field.blur();
    host.of('A:Flow').change('from another tab');
    expect(host.draft).to.equal('from another tab');
  });

  it('comes into a field that has focus and is empty', () => {
    host.field.focus();
    host.update();
    host.of('A:Flow').change('read from storage');
    expect(host.draft).to.equal('read from storage');
  });

  it('goes with everything else at a sign-out, even from under the cursor', () => {
    host.update('for my eyes only');
    host.field.focus();
    host.of('A:Flow').change('');
    expect(host.draft).to.equal('');
    host.update();
    expect(host.of('A:Flow').saved).to.deep.equal(['for my eyes only']);
  });

  it('goes when another chat of the page sends it, but not what was written here since', () => {
    host.update('to be sent');
    host.of('A:Flow').send();
    expect(host.draft).to.equal('');
    host.draft = 'written since';
    host.of('A:Flow').send();
    expect(host.draft).to.equal('written since');
  });

  it('is followed in one conversation at a time, and not after it was closed', () => {
    host.update();
    host.target = { ...host.target, workflow: 'B:Flow' };
    host.update();
    expect(host.of('A:Flow').listeners).to.equal(0);
    host.session.close();
    expect(host.of('B:Flow').listeners).to.equal(0);
  });
});
