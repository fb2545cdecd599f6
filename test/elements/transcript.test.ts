import { expect } from '@open-wc/testing';
import { same } from '../../src/elements/same.ts';
import {
  partsOf,
  transcriptItems,
  transcriptSections,
  type TranscriptItem,
  type TranscriptSection,
} from '../../src/elements/transcript.ts';
import type { Message } from '../../src/protocol/types.ts';

const NOON = Date.UTC(2026, 6, 1, 12);
const MINUTE = 60_000;
const DAY = 86_400_000;
const utcDay = (at: number) => new Date(at).toISOString().slice(0, 10);

let ids = 0;

function message(part: Partial<Message>): Message {
  const id = String(++ids);
  return {
    id,
    requestId: undefined,
    threadId: undefined,
    workflowId: 'acme:Support Agent:Chat Flow',
    workflowType: 'Support Agent:Chat Flow',
    participantId: 'jane',
    author: 'agent',
    type: 'Chat',
    text: `text ${id}`,
    data: undefined,
    topic: undefined,
    hint: undefined,
    createdAt: NOON,
    updatedAt: NOON,
    ...part,
  };
}

const items = (messages: Message[], awaiting?: string) => transcriptItems(messages, awaiting, utcDay);
const kinds = (messages: Message[], awaiting?: string) => items(messages, awaiting).map(({ kind }) => kind);
const edges = (messages: Message[]) =>
  items(messages).flatMap((item) => (item.kind === 'message' ? [[item.first, item.last]] : []));

describe('transcriptItems', () => {
  it('has nothing to show for nothing', () => {
    expect(items([])).to.deep.equal([]);
  });

  it('begins every day with its date', () => {
    const days = [NOON, NOON + MINUTE, NOON + DAY, NOON + 3 * DAY];
    expect(kinds(days.map((createdAt) => message({ createdAt })))).to.deep.equal([
      'day',
      'message',
      'message',
      'day',
      'message',
      'day',
      'message',
    ]);
  });

  it('keeps keys apart when a clock that is behind shows a day twice', () => {
    const days = [NOON, NOON + DAY, NOON, NOON + DAY];
    const keys = items(days.map((createdAt) => message({ createdAt }))).map(({ key }) => key);
    expect(new Set(keys).size).to.equal(keys.length);
  });

  it('groups messages of one author that are close together', () => {
    const own = { author: 'participant' } as const;
    expect(
      edges([
        message({ createdAt: NOON }),
        message({ createdAt: NOON + MINUTE }),
        message({ ...own, createdAt: NOON + 2 * MINUTE }),
        message({ ...own, createdAt: NOON + 8 * MINUTE }),
      ]),
    ).to.deep.equal([
      [true, false],
      [false, true],
      [true, true],
      [true, true],
    ]);
  });

  it('names a new agent even in the middle of a minute', () => {
    expect(edges([message({}), message({ workflowType: 'Billing Agent:Chat Flow' })])).to.deep.equal([
      [true, true],
      [true, true],
    ]);
  });

  it('collapses the steps of a request into one block, in the place of the first', () => {
    const steps = [
      message({ type: 'Reasoning', requestId: 'a' }),
      message({ type: 'Tool', requestId: 'b' }),
      message({ type: 'Tool', requestId: 'a' }),
    ];
    const blocks = items(steps).filter((item) => item.kind === 'progress');
    expect(blocks.map((block) => block.steps)).to.deep.equal([[steps[0], steps[2]], [steps[1]]]);
  });

  it('shows steps as going on only while their request waits for an answer', () => {
    const step = message({ type: 'Reasoning', requestId: 'a' });
    const live = (messages: Message[], awaiting?: string) =>
      items(messages, awaiting).find((item) => item.kind === 'progress')?.live;
    expect(live([step], 'a')).to.equal(true);
    expect(live([step], 'other')).to.equal(false);
    expect(live([step])).to.equal(false);
    expect(live([step, message({ requestId: 'a' })], 'a')).to.equal(false);
    expect(live([step, message({ requestId: 'a', type: 'Data' })], 'a')).to.equal(false);
    expect(live([step, message({ requestId: 'a', author: 'participant' })], 'a')).to.equal(true);
  });

  it('keeps steps without a request together until something else is said', () => {
    const step = () => message({ type: 'Tool' });
    expect(kinds([step(), step(), message({}), step()])).to.deep.equal([
      'day',
      'progress',
      'message',
      'progress',
    ]);
  });

  it('hides probes, their answers, webhooks and what agents ignore', () => {
    const own = { author: 'participant' } as const;
    expect(
      kinds([
        message({ ...own, type: 'Heartbeat', requestId: 'h' }),
        message({ type: 'Data', requestId: 'h', data: { available: true } }),
        message({ type: 'Webhook' }),
        message({ ...own, type: 'Reasoning' }),
        message({ ...own, type: 'Tool' }),
        message({ ...own, type: 'Handoff' }),
      ]),
    ).to.deep.equal([]);
  });

  it('shows a handoff as a notice, and types it does not know as messages', () => {
    expect(kinds([message({ type: 'Handoff' }), message({ type: 'Hologram' })])).to.deep.equal([
      'day',
      'handoff',
      'message',
    ]);
  });

  it('keeps the row of an own message when the copy of the server replaces the local one', () => {
    const own = { author: 'participant', requestId: 'r' } as const;
    const [, local] = items([message({ ...own, id: 'local:r' })]);
    const [, stored] = items([message({ ...own, id: '66b1f0d9a4d7e9f1b2c3d4f0' })]);
    expect(stored?.key).to.equal(local?.key);
  });

  it('shows a request that was stored twice once', () => {
    const own = { author: 'participant', requestId: 'r' } as const;
    expect(kinds([message(own), message(own)])).to.deep.equal(['day', 'message']);
  });
});

describe('partsOf', () => {
  it('is the same for the rows that look the same, and for no others', () => {
    const messages = [message({}), message({ type: 'Tool', requestId: 'a' }), message({})];
    const before = items(messages);
    const unchanged = (rows: TranscriptItem[]) =>
      rows.map((row, index) => {
        const old = before[index];
        return old !== undefined && same(partsOf(row), partsOf(old));
      });
    const changed = { ...message({}), id: messages[2]?.id ?? '' };
    const after = items([...messages.slice(0, 2), changed, message({})]);
    expect(unchanged(after)).to.deep.equal([true, true, true, false, false]);
    const more = items([...messages, message({ type: 'Tool', requestId: 'a' })]);
    expect(unchanged(more)).to.deep.equal([true, true, false, true]);
  });
});

describe('transcriptSections', () => {
  const day: TranscriptItem = { kind: 'day', key: 'day', at: NOON };
  const rows = (count: number, from = 0) =>
    items(
      Array.from({ length: count }, (_, index) => message({ id: `m${from + index}`, createdAt: NOON })),
    ).filter(({ kind }) => kind === 'message');

  it('holds 50 rows each, the heading of the first day among them', () => {
    const sections = transcriptSections([day, ...rows(120)], 'm0');
    expect(sections.map((section) => section.items.length)).to.deep.equal([50, 50, 21]);
  });

  it('leaves sections as they are when older rows come before them', () => {
    const before = transcriptSections([day, ...rows(120)], 'm0');
    const after = transcriptSections([day, ...rows(155, -35)], 'm0');
    expect(after.map(({ key }) => key)).to.deep.equal([-1, 0, 1, 2]);
    const keys = (section: TranscriptSection | undefined) => section?.items.map(({ key }) => key);
    expect(keys(after[1])?.slice(1)).to.deep.equal(keys(before[0])?.slice(1));
    expect(after.slice(2).map(keys)).to.deep.equal(before.slice(1).map(keys));
  });
});
