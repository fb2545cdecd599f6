import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { AlertPorts } from '../../src/client/alert-stream.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { waitFor } from '../support/wait.ts';
import { ALERTS_ID, AlertSite, AlertTab, publish } from './alerts.ts';

const HOUR_MS = 3_600_000;

describe('system alerts', () => {
  let server: TestServer;
  let tabs: AlertTab[];
  const tab = (site?: AlertSite, more?: Partial<AlertPorts>) => {
    const made = new AlertTab(server, site, more);
    tabs.push(made);
    return made;
  };
  const streams = async () => (await server.report()).connections.sse;
  const isOpen = () => waitFor(async () => (await streams()) === 1, 'one stream');
  const shows = (of: AlertTab, ...texts: string[]) =>
    waitFor(
      () => JSON.stringify(of.texts) === JSON.stringify(texts),
      `${JSON.stringify(texts)} to be shown`,
    ).catch((cause: unknown) => {
      throw new Error(`It shows ${JSON.stringify(of.texts)}.`, { cause });
    });

  beforeEach(async () => {
    server = await startServer({ rateLimit: false, secondMs: 100 });
    tabs = [];
  });
  afterEach(async () => {
    for (const each of tabs) each.stream.dispose();
    await waitFor(() => tabs.every(({ environment }) => environment.pendingTimers === 0), 'no timer is left');
    for (const each of tabs) assert.equal(each.watchers, 0, 'no listener is left');
    await waitFor(async () => (await streams()) === 0, 'no stream is left');
    await server.stop();
  });

  it('are told as they are said, with what is known of them', async () => {
    const jane = tab();
    assert.equal(jane.reads, 0);
    jane.stream.start();
    await isOpen();
    const id = await publish(server, 'Slow today.', {
      data: { severity: 'critical', title: ' Search \n index ' },
    });
    await shows(jane, 'Slow today.');
    const [alert] = jane.stream.alerts;
    assert.ok(alert && Math.abs(alert.at - Date.now()) < 60_000);
    assert.deepEqual(
      { ...alert, at: 0 },
      { id, at: 0, severity: 'critical', title: 'Search index', text: 'Slow today.', dismissed: false },
    );
    assert.deepEqual(jane.told, [alert]);
  });

  it('include what was said before the stream was opened, and while it was cut', async () => {
    await publish(server, 'Before');
    const jane = tab();
    jane.stream.start();
    await shows(jane, 'Before');
    await server.control({ fault: 'fail', what: 'sse', status: 503 });
    await server.control({ fault: 'drop-sockets', kind: 'sse' });
    await publish(server, 'Meanwhile');
    assert.deepEqual(jane.texts, ['Before']);
    await server.control({ fault: 'reset' });
    await shows(jane, 'Before', 'Meanwhile');
    await publish(server, 'After');
    await shows(jane, 'Before', 'Meanwhile', 'After');
    assert.deepEqual(
      jane.told.map(({ text }) => text),
      ['Before', 'Meanwhile', 'After'],
      'each of them once',
    );
    assert.equal(jane.errors.length, 1, 'one word for the whole series of failures');
  });

  it('are those of this participant, workflow and topic only, and none that a participant wrote', async () => {
    const jane = tab(undefined, { topic: ' outages ' });
    jane.stream.start();
    await isOpen();
    const scope = 'outages';
    await publish(server, 'For somebody else', { scope, participantId: 'tom@example.com' });
    await publish(server, 'Another topic', { scope: 'sales' });
    await publish(server, 'Another workflow', { scope, workflow: 'Support Agent:Chat Flow' });
    await publish(server, 'Another type', { scope, data: { type: 'report' } });
    await publish(server, 'Mine', { scope });
    await shows(jane, 'Mine');
    assert.equal(jane.stream.ignored, 0, 'what is no alert for this participant is not counted');
  });

  it('ignores and counts what says it is an alert and makes no sense', async () => {
    const jane = tab();
    jane.stream.start();
    await isOpen();
    const nothing = [{ text: '' }, { text: 7 }, { text: { toString: 'no' } }, { text: ' \n ', title: [] }];
    for (const data of nothing) await publish(server, '', { data });
    await publish(server, 'Fine', { data: { severity: '__proto__', title: { a: 1 } } });
    await shows(jane, 'Fine');
    assert.deepEqual([jane.stream.alerts[0]?.severity, jane.stream.alerts[0]?.title], ['info', undefined]);
    // History brings it all again.
    await publish(server, 'Another', { createdAt: new Date(Date.now() + 1_000).toISOString() });
    const { reads } = jane;
    jane.show();
    await waitFor(() => jane.reads > reads, 'a read');
    await publish(server, 'Later', { createdAt: new Date(Date.now() + 2_000).toISOString() });
    await shows(jane, 'Fine', 'Another', 'Later');
    assert.equal(jane.stream.ignored, nothing.length, 'each of them once');
  });

  it('are silent while the page is hidden, and told when it is seen again', async () => {
    const jane = tab();
    jane.stream.start();
    await isOpen();
    const reads = jane.reads;
    jane.hide();
    await publish(server, 'First');
    await publish(server, 'Second');
    // In one note or in two: history may bring both.
    const told = () => jane.notes.flatMap((note) => (note as { alerts?: unknown[] }).alerts ?? []);
    await waitFor(() => told().length >= 2, 'other tabs are told all the same');
    assert.deepEqual([jane.texts, jane.told], [[], []]);
    jane.show();
    assert.deepEqual(jane.texts, ['First', 'Second']);
    assert.equal(jane.told.length, 2);
    await waitFor(() => jane.reads > reads, 'history is read again');
    assert.equal(jane.told.length, 2);
  });

  it('stay away once closed: in the other tab, after a reload and in history', async () => {
    const site = new AlertSite();
    const [first, second] = [tab(site), tab(site)];
    first.stream.start();
    second.stream.follow();
    await isOpen();
    const id = await publish(server, 'Close me');
    await publish(server, 'Keep me');
    await shows(first, 'Close me', 'Keep me');
    await shows(second, 'Close me', 'Keep me');
    second.stream.dismiss(id);
    for (const each of [first, second]) {
      assert.deepEqual(each.texts, ['Keep me']);
      assert.deepEqual(
        each.told.slice(2).map(({ text, dismissed }) => [text, dismissed]),
        [['Close me', true]],
      );
    }
    const reloaded = tab(site);
    reloaded.stream.start();
    await shows(reloaded, 'Keep me');
    assert.equal(reloaded.told.length, 1);
    first.stream.dismiss('unknown');
    assert.equal(site.dismissed, id);
    first.stream.stop();
    await isOpen();
  });

  it('agree when two tabs close two alerts in the same moment', async () => {
    const site = new AlertSite();
    const [first, second] = [tab(site), tab(site)];
    first.stream.start();
    second.stream.follow();
    await isOpen();
    const ids = [await publish(server, 'A'), await publish(server, 'B'), await publish(server, 'C')];
    await shows(second, 'A', 'B', 'C');
    // The second one's save comes last and knows nothing of the first one's.
    first.stream.dismiss(ids[0]!);
    site.dismissed = ids[1]!;
    for (const each of site.tabs) each.stream.refresh();
    assert.deepEqual([first.texts, second.texts], [['C'], ['C']]);
    assert.deepEqual(site.dismissed.split(' ').sort(), [ids[0]!, ids[1]!].sort());
    assert.ok(site.saves <= 4, `they agree without end: ${site.saves} saves`);
  });

  it('come to a tab that follows without a stream or a read of its own, also what was said before it came', async () => {
    const site = new AlertSite();
    const leader = tab(site);
    leader.stream.start();
    await isOpen();
    await publish(server, 'Early');
    await shows(leader, 'Early');
    const follower = tab(site);
    follower.stream.follow();
    assert.deepEqual(follower.texts, ['Early']);
    await publish(server, 'Late');
    await shows(follower, 'Early', 'Late');
    assert.equal(follower.reads, 0);
    assert.equal(await streams(), 1);
    const { of } = leader.notes[0] as { of: string };
    follower.stream.receiveNote({
      of,
      kind: 'known',
      alerts: [null, 7, { id: 'x y', at: 1, text: 'No' }, { id: 'x' }],
    });
    for (const note of [null, 'known', { of, kind: 'known' }, { of, kind: 'other' }])
      follower.stream.receiveNote(note);
    assert.deepEqual(follower.texts, ['Early', 'Late']);
    // It leads from now on, and the other one follows.
    leader.stream.follow();
    follower.stream.start();
    await isOpen();
    await publish(server, 'Later');
    await shows(leader, 'Early', 'Late', 'Later');
  });

  it('come to a tab by its own stream while no other has one for it, and by no more than one', async () => {
    const site = new AlertSite();
    const elsewhere = tab(site, { topic: 'sales' });
    elsewhere.stream.start();
    await isOpen();
    const jane = tab(site);
    jane.stream.follow();
    await waitFor(async () => (await streams()) === 2, 'a stream of its own: the leader has other alerts');
    await publish(server, 'Mine');
    await shows(jane, 'Mine');
    assert.deepEqual(elsewhere.texts, []);
    const leader = tab(site);
    leader.stream.start();
    await shows(leader, 'Mine');
    await waitFor(async () => (await streams()) === 2, 'the one of the tab that leads, in its place');
    await publish(server, 'Told');
    await shows(jane, 'Mine', 'Told');
    assert.equal(jane.reads, 1);
    leader.stream.stop();
    await publish(server, 'Mine again');
    await shows(jane, 'Mine', 'Told', 'Mine again');
    assert.equal(jane.reads, 2, 'read by itself again');
  });

  it('are asked for again by a tab that is seen again, in case that nobody has the stream any more', async () => {
    const site = new AlertSite();
    const [leader, follower] = [tab(site), tab(site)];
    leader.stream.start();
    follower.stream.follow();
    await isOpen();
    leader.isGone = true; // without a word
    leader.stream.dispose();
    await waitFor(async () => (await streams()) === 0, 'no stream');
    assert.equal(follower.environment.pendingTimers, 0);
    await publish(server, 'Is anybody there?');
    follower.show();
    await shows(follower, 'Is anybody there?');
  });

  it('are forgotten after a day, told as gone to who shows them', async () => {
    const jane = tab();
    const at = (hoursAgo: number) => new Date(Date.now() - hoursAgo * HOUR_MS).toISOString();
    await publish(server, 'Old', { createdAt: at(25) });
    await publish(server, 'Yesterday', { createdAt: at(23) });
    await publish(server, 'New');
    jane.stream.start();
    await shows(jane, 'Yesterday', 'New');
    jane.laterMs = 2 * HOUR_MS;
    jane.show();
    assert.deepEqual(jane.texts, ['New']);
    assert.deepEqual(
      jane.told.slice(2).map(({ text, dismissed }) => [text, dismissed]),
      [['Yesterday', true]],
    );
  });

  it('are the newest 20', async () => {
    const jane = tab();
    jane.stream.start();
    await isOpen();
    for (let i = 1; i <= 30; i++) await publish(server, `No. ${i}`);
    await shows(jane, ...Array.from({ length: 20 }, (_, i) => `No. ${i + 11}`));
    const reloaded = tab();
    reloaded.stream.start();
    await shows(reloaded, ...jane.texts);
    assert.equal(reloaded.told.length, 20);
  });

  it('are found among many other messages of the participant', async () => {
    await publish(server, 'Deep');
    await server.control({
      fault: 'burst',
      workflow: ALERTS_ID,
      participantId: 'jane@example.com',
      count: 250,
    });
    const jane = tab();
    jane.stream.start();
    await shows(jane, 'Deep');
    assert.equal(jane.reads, 3);
  });

  it('tells how many listen on the server, and that nobody can tell once the stream is gone', async () => {
    const jane = tab();
    jane.stream.start();
    await waitFor(() => jane.listeners.at(-1) === 1, 'a heartbeat');
    jane.stream.stop();
    await waitFor(() => jane.listeners.at(-1) === undefined, 'the end');
  });

  it('asks for another credential as soon as one is refused, and goes on', async () => {
    const given: string[] = [];
    const jane = tab(undefined, {
      transport: {
        serverUrl: server.url,
        tenantId: 'acme',
        getToken: () => {
          given.push(given.length === 0 ? 'refused' : 'sk-Xnai-dev');
          return given.at(-1)!;
        },
      },
    });
    jane.stream.start();
    await isOpen();
    assert.deepEqual(given, ['refused', 'sk-Xnai-dev']);
    assert.deepEqual(
      jane.errors.map(({ code }) => code),
      ['unauthorized'],
    );
  });

  it('does not wait for its turn when the network comes back, but does when the server named a time', async () => {
    let refusal = new RealtimeError('forbidden', 'Not here.');
    let attempts = 0;
    const jane = tab(undefined, {
      attempt: () => {
        attempts++;
        return Promise.reject(refusal);
      },
    });
    jane.stream.start();
    await waitFor(() => attempts === 1, 'the first attempt');
    // A refusal waits 15 s or more, which are 1.5 s here.
    const before = performance.now();
    jane.environment.play('online');
    refusal = new RealtimeError('rate-limited', 'Too many.', { retryAfterMs: 1e9 });
    await waitFor(() => attempts === 2, 'the second attempt');
    assert.ok(performance.now() - before < 1_200, 'it came by the nudge');
    for (const event of ['online', 'visible', 'resumed'] as const) jane.environment.play(event);
    const patience = new Promise((resolve) => jane.environment.setTimer(() => resolve(true), 8_000));
    await patience;
    assert.equal(attempts, 2);
  });

  it('lets go while the page is frozen, and comes back with what was missed', async () => {
    const jane = tab();
    jane.stream.start();
    await isOpen();
    jane.environment.play('frozen');
    await waitFor(async () => (await streams()) === 0, 'no stream');
    assert.equal(jane.environment.pendingTimers, 0);
    await publish(server, 'Missed');
    jane.environment.play('resumed');
    await shows(jane, 'Missed');
  });

  it('reads again when history fails while the stream is well, with one word about it', async () => {
    await publish(server, 'Behind the trouble');
    let failures = 3;
    const jane: AlertTab = tab(undefined, {
      reader: () => ({
        history: (query) => {
          if (failures-- > 0) return Promise.reject(new RealtimeError('server', 'No.'));
          return rest.history(query);
        },
      }),
    });
    const { RestTransport } = await import('../../src/transports/rest-transport.ts');
    const rest = new RestTransport({ serverUrl: server.url, tenantId: 'acme', apiKey: 'sk-Xnai-dev' });
    jane.stream.start();
    await shows(jane, 'Behind the trouble');
    assert.deepEqual(
      jane.errors.map(({ code }) => code),
      ['server'],
    );
  });

  it('have what history knows where no stream gets through', async () => {
    await publish(server, 'By history');
    const jane = tab(undefined, { attempt: () => Promise.reject(new RealtimeError('network', 'Blocked.')) });
    jane.stream.start();
    await shows(jane, 'By history');
  });
});
