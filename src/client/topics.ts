import { briefOf } from '../protocol/brief.ts';
import { Emitter, type Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Message } from '../protocol/types.ts';
import type { Place } from '../queue/outbox.ts';
import { type ClientConversation, conversationKey } from './conversation.ts';
import { isStep } from './message-log.ts';
import type { TopicInfo, TopicList } from './types.ts';

/** Topics of one workflow that are remembered; the ones that were quiet for longest go first. */
const LIMIT = 200;
/** Messages of one topic that are counted as unread at most. */
const NEWS_LIMIT = 99;
/** Messages that are known again when they come a second time. */
const SEEN_LIMIT = 400;
/** Characters of the last message, and of a name that a visitor gives. */
const TEXT_LIMIT = 120;
const NAME_LIMIT = 80;
/** Types that nobody reads. */
const SILENT: ReadonlySet<string> = new Set(['Heartbeat', 'Webhook', 'Handoff']);

/** A topic as it is stored. `topic` is missing for the default one. */
interface Entry {
  readonly topic?: string | undefined;
  /** What the visitor calls it. */
  readonly name?: string | undefined;
  /** Beginning of the last message. */
  readonly text: string;
  readonly isOwn: boolean;
  /** Milliseconds since 1970, server time; of the visitor's act, when nothing was written yet. */
  readonly at: number;
  /** When agents wrote what may not have been read, oldest first. */
  readonly news: readonly number[];
}

/** What the topics of a client need from it. */
export interface TopicPorts {
  /** What is kept of a conversation, or under another key, for this account on this device. */
  place(key: string): Place;
  setPlace(key: string, change: Partial<Place>): void;
  now(): number;
  onError(error: RealtimeError): void;
}

/** The topics of a client's workflows, as far as their messages came by. */
export class Topics {
  readonly #ports: TopicPorts;
  readonly #lists = new Map<string, ClientTopics>();
  readonly #follows: Undo[] = [];
  /** Ids of what arrived: two channels may bring the same. */
  #seen = new Set<string>();

  /** @param conversations Those that are there already; `follow` adds the ones that come later. */
  constructor(ports: TopicPorts, conversations: Iterable<ClientConversation>) {
    this.#ports = ports;
    for (const conversation of conversations) this.follow(conversation);
  }

  /** @param workflowId Full id. */
  list(workflowId: string): ClientTopics {
    let list = this.#lists.get(workflowId);
    if (!list) this.#lists.set(workflowId, (list = new ClientTopics(this.#ports, workflowId)));
    return list;
  }

  /** Learns from what a conversation shows. */
  follow(conversation: ClientConversation): void {
    const learn = () => {
      const last = conversation.messages.findLast(isRead);
      if (last && conversation.loading !== 'initial')
        this.list(conversation.workflowId).learn(last, conversation.topic, false);
    };
    learn();
    this.#follows.push(conversation.on('change', learn));
  }

  /** A message of this participant arrived by itself. `workflowId`: whose conversation it belongs to. */
  receive(workflowId: string, message: Message): void {
    if (!isRead(message) || this.#seen.has(message.id)) return;
    this.#seen.add(message.id);
    if (this.#seen.size > SEEN_LIMIT) this.#seen = new Set([...this.#seen].slice(SEEN_LIMIT / 2));
    this.list(workflowId).learn(message, message.topic, true);
  }

  /** The thread of a workflow was deleted. */
  empty(workflowId: string): void {
    this.list(workflowId).clear();
  }

  /** Something kept on this device changed, here or in another tab; perhaps all of it. */
  refresh(): void {
    for (const list of this.#lists.values()) list.refresh();
  }

  dispose(): void {
    for (const undo of this.#follows.splice(0)) undo();
    for (const list of this.#lists.values()) list.dispose();
  }
}

/** The client's implementation of {@link TopicList}. What it knows is kept with the drafts, and goes with them. */
class ClientTopics implements TopicList {
  readonly #ports: TopicPorts;
  readonly #workflowId: string;
  readonly #emitter: Emitter<{ change: void }>;
  /** What `#entries` was read from. */
  #stored = '';
  #entries: readonly Entry[] = [];
  #topics: readonly TopicInfo[] = [];

  constructor(ports: TopicPorts, workflowId: string) {
    this.#ports = ports;
    this.#workflowId = workflowId;
    this.#emitter = new Emitter((cause) =>
      ports.onError(new RealtimeError('bug', 'A listener of the topics threw.', { cause })),
    );
    this.refresh();
  }

  get topics(): readonly TopicInfo[] {
    return this.#topics;
  }

  add(topic: string): string {
    const name = topic.trim();
    if (!name) throw new RealtimeError('input', 'A topic needs a name.');
    if (!this.#find(name)) {
      this.#save({ topic: name, text: '', isOwn: true, at: this.#ports.now(), news: [] });
    }
    return name;
  }

  rename(topic: string | undefined, name: string): void {
    const entry = this.#find(topic) ?? { topic, text: '', isOwn: true, at: this.#ports.now(), news: [] };
    this.#save({ ...entry, name: oneLine(name).slice(0, NAME_LIMIT) || undefined });
  }

  on(_event: 'change', listener: () => void): Undo {
    return this.#emitter.on('change', listener);
  }

  /** How many listen. */
  get listeners(): number {
    return this.#emitter.count('change');
  }

  /** @param isNews It arrived by itself: it counts as unread until the topic's conversation was read that far. */
  learn(message: Message, topic: string | undefined, isNews: boolean): void {
    const { author, createdAt, data, type } = message;
    const known = this.#find(topic);
    const text = oneLine(message.text?.trim() ? message.text : briefOf(message)).slice(0, TEXT_LIMIT);
    const readThrough = this.#ports.place(conversationKey(this.#workflowId, topic)).readThrough;
    const isUnread = isNews && author === 'agent' && createdAt > readThrough;
    const news = (known?.news ?? []).filter((at) => at > readThrough);
    if (isUnread) news.push(createdAt);
    // A conversation knows which message is its last; what it dated itself may seem to come later.
    const isLast = !isNews || !known?.text || createdAt >= known.at;
    const last = isLast
      ? { text: text || (data === undefined ? '' : type), isOwn: author === 'participant', at: createdAt }
      : {};
    const next: Entry = {
      text: '',
      isOwn: false,
      at: createdAt,
      ...known,
      topic,
      ...last,
      news: news.slice(-NEWS_LIMIT),
    };
    if (JSON.stringify(next) !== JSON.stringify(known)) this.#save(next);
  }

  clear(): void {
    this.#ports.setPlace(placeOf(this.#workflowId), { draft: '' });
    this.refresh();
  }

  refresh(): void {
    const stored = this.#ports.place(placeOf(this.#workflowId)).draft;
    if (stored !== this.#stored) {
      this.#stored = stored;
      this.#entries = parse(stored);
    }
    const topics = this.#entries.map((entry) => this.#infoOf(entry));
    if (JSON.stringify(topics) === JSON.stringify(this.#topics)) return;
    this.#topics = topics;
    this.#emitter.emit('change', undefined);
  }

  dispose(): void {
    this.#emitter.clear();
  }

  #infoOf({ topic, name, text, isOwn, at, news }: Entry): TopicInfo {
    const { draft, readThrough } = this.#ports.place(conversationKey(this.#workflowId, topic));
    return { topic, name, text, isOwn, at, draft, unread: news.filter((time) => time > readThrough).length };
  }

  #find(topic: string | undefined): Entry | undefined {
    return this.#entries.find((entry) => entry.topic === topic);
  }

  #save(entry: Entry): void {
    const others = this.#entries.filter(({ topic }) => topic !== entry.topic);
    const entries = [entry, ...others].sort((a, b) => b.at - a.at).slice(0, LIMIT);
    this.#ports.setPlace(placeOf(this.#workflowId), { draft: JSON.stringify(entries) });
    this.refresh();
  }
}

/** No conversation has such a key: a workflow has no line break in it, and a topic none at its end. */
function placeOf(workflowId: string): string {
  return `topics\n${workflowId}\n`;
}

function oneLine(text: string): string {
  // What is far beyond the limit is not worth looking at.
  return text
    .slice(0, 4 * TEXT_LIMIT)
    .replace(/\s+/g, ' ')
    .trim();
}

function isRead(message: Message): boolean {
  return !SILENT.has(message.type) && !isStep(message);
}

/** Whatever is stored: what is no entry is left out. */
function parse(stored: string): readonly Entry[] {
  if (!stored) return [];
  try {
    const entries: unknown = JSON.parse(stored);
    return Array.isArray(entries) ? entries.filter(isEntry).slice(0, LIMIT) : [];
  } catch {
    // Cut short, or written by another version: it fills again with what comes by.
    return [];
  }
}

function isEntry(raw: unknown): raw is Entry {
  if (typeof raw !== 'object' || raw === null) return false;
  const { topic, name, text, isOwn, at, news } = raw as Record<string, unknown>;
  const isText = (value: unknown) => value === undefined || typeof value === 'string';
  return (
    isText(topic) &&
    isText(name) &&
    typeof text === 'string' &&
    typeof isOwn === 'boolean' &&
    Number.isFinite(at) &&
    Array.isArray(news) &&
    news.every(Number.isFinite)
  );
}
