import { expect } from '@open-wc/testing';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { FencedError, Outbox, type OutboxOptions } from '../../src/queue/outbox.ts';
import { waitFor } from '../support/wait.ts';

// On the browser's own IndexedDB. Other tests share the database, as other accounts of a site do.

const opened: Outbox[] = [];
let account = '';

async function open(options?: OutboxOptions): Promise<Outbox> {
  const outbox = new Outbox(options);
  opened.push(outbox);
  await outbox.open(account);
  return outbox;
}

const message = (text: string) => ({ id: text, conversation: 'c', workflow: 'a:b:c', message: { text } });
const texts = (outbox: Outbox) => outbox.list().map((record) => record.message.text);
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('Outbox in the browser', () => {
  beforeEach(() => {
    account = JSON.stringify(['https://outbox.example', 'acme', crypto.randomUUID()]);
  });
  afterEach(async () => {
    const accounts = new Set([account, ...opened.map((outbox) => outbox.account ?? account)]);
    await Promise.all(opened.splice(0).map((outbox) => outbox.close()));
    const cleaner = new Outbox();
    for (const each of accounts) {
      await cleaner.open(each);
      await cleaner.purge();
    }
    await cleaner.close();
  });

  it('shows another connection what was confirmed, in order', async () => {
    const writer = await open();
    const numbers = Array.from({ length: 120 }, (_, index) => `${index}`);
    const records = await Promise.all(numbers.map((text) => writer.enqueue(message(text))));
    expect(records.every(({ persisted }) => persisted)).to.equal(true);
    const reader = await open();
    expect(texts(reader)).to.deep.equal(numbers);
    expect(reader.list()).to.deep.equal(writer.list());
    expect(reader.status()).to.deep.equal(writer.status());
  });

  it('Q7: connections that write at the same time erase nothing of each other', async () => {
    const outboxes = await Promise.all([open(), open(), open()]);
    const sent: string[] = [];
    const enqueues: Promise<unknown>[] = [];
    for (let round = 0; round < 20; round++) {
      for (const [index, outbox] of outboxes.entries()) {
        sent.push(`${index}-${round}`);
        enqueues.push(outbox.enqueue(message(`${index}-${round}`)));
      }
      await enqueues.at(-1);
    }
    await Promise.all(enqueues);
    await outboxes[1].acknowledge('0-0');
    const reader = await open();
    expect(texts(reader).sort()).to.deep.equal(sent.filter((text) => text !== '0-0').sort());
    expect(new Set(reader.list().map(({ seq }) => seq)).size).to.equal(59);
    for (const index of [0, 1, 2]) {
      const own = texts(reader).filter((text) => text?.startsWith(`${index}-`));
      expect(own).to.deep.equal(sent.filter((text) => text.startsWith(`${index}-`) && text !== '0-0'));
    }
  });

  it('Q6: lets the last that took the lead send, and nobody else', async () => {
    const former = await open();
    await former.enqueue(message('once'));
    await former.lead();
    await former.claim('once');
    const sender = await open();
    expect(await sender.lead()).to.equal(true);
    expect(await failure(former.release('once', { state: 'queued' }))).to.be.instanceOf(FencedError);
    expect(sender.get('once')?.state).to.equal('sending');
    await sender.release('once', { state: 'uncertain' });
    await former.acknowledge('once');
    await sender.refresh();
    expect(sender.size).to.equal(0);
  });

  it('Q16: moves a message to the dead letters and back, in one piece', async () => {
    const outbox = await open();
    for (const text of ['one', 'two']) await outbox.enqueue(message(text));
    await outbox.lead();
    await outbox.bury('one', new RealtimeError('server', 'Refused.', { stored: 'maybe' }));
    const other = await open();
    expect(other.exportDeadLetters().map(({ id }) => id)).to.deep.equal(['one']);
    expect(await other.retry('one')).to.equal(true);
    const again = await open();
    expect(again.list().map(({ id, state }) => [id, state])).to.deep.equal([
      ['one', 'uncertain'],
      ['two', 'queued'],
    ]);
  });

  it('keeps a draft with the message it belongs to', async () => {
    const outbox = await open();
    outbox.setPlace('c', { draft: 'Hello', readThrough: 5 });
    await outbox.close();
    const later = await open();
    expect(later.place('c')).to.deep.equal({ draft: 'Hello', readThrough: 5 });
    later.setPlace('c', { draft: '' });
    await later.enqueue(message('Hello'));
    expect((await open()).place('c').draft).to.equal('');
  });

  it('tells other tabs over a channel', async () => {
    const [one, two] = [await open(), await open()];
    const channels = [new BroadcastChannel(account), new BroadcastChannel(account)] as const;
    one.on('note', (note) => channels[0].postMessage(note));
    channels[1].onmessage = ({ data }) => two.receiveNote(data);
    await one.enqueue({
      ...message('typed'),
      message: { text: 'typed', data: { nested: [1, { two: null }] } },
    });
    await waitFor(() => two.get('typed'), 'the other tab hears of it');
    expect(two.list()).to.deep.equal(one.list());
    await one.purge();
    await waitFor(() => two.account === undefined, 'the other tab hears of the sign-out');
    for (const channel of channels) channel.close();
  });

  it('Q8: removes every row of one account, and none of another', async () => {
    const mine = await open();
    await mine.enqueue(message('mine'));
    const myAccount = account;
    account = `${account} of somebody else`;
    const theirs = await open();
    await theirs.enqueue(message('theirs'));
    await mine.purge();
    await mine.open(myAccount);
    expect(mine.size).to.equal(0);
    await theirs.refresh();
    expect(texts(theirs)).to.deep.equal(['theirs']);
  });

  it('does not wait for a database that does not open', async () => {
    const never = { open: () => ({}), databases: () => Promise.resolve([{ name: 'xians-widgets' }]) };
    const timers: (() => void)[] = [];
    const environment = {
      indexedDB: never as unknown as IDBFactory,
      setTimer: (callback: () => void) => {
        timers.push(callback);
        return () => {};
      },
    };
    const opening = open({ environment });
    await waitFor(() => timers.length > 0, 'there is a limit');
    timers[0]?.();
    const outbox = await opening;
    expect((await outbox.enqueue(message('kept'))).persisted).to.equal(false);
    expect(outbox.persisted).to.equal(false);
  });
});
