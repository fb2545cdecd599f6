import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AlertList, type AlertListPorts } from '../../src/client/alert-list.ts';
import {
  claimsToBeAlert,
  parseAlert,
  parseToldAlerts,
  type ToldAlert,
} from '../../src/client/alert-parse.ts';
import type { SystemAlert } from '../../src/client/alerts.ts';
import { defaultEnvironment } from '../../src/client/environment.ts';
import type { Message } from '../../src/protocol/types.ts';
import { ManualTime } from '../transports/manual-time.ts';

const DAY_MS = 86_400_000;
const START = 1.8e12;

function alert(id: string, at = START): ToldAlert {
  return { id, at, severity: 'info', title: undefined, text: `Text of ${id}` };
}

class Page {
  readonly time = new ManualTime();
  readonly told: SystemAlert[] = [];
  isVisible = true;
  saved = '';
  readonly list: AlertList;

  constructor(more: Partial<AlertListPorts> = {}) {
    this.list = new AlertList({
      environment: defaultEnvironment({
        setTimer: this.time.setTimer,
        now: () => START + this.time.now,
        isVisible: () => this.isVisible,
      }),
      loadDismissed: () => this.saved,
      saveDismissed: (text) => {
        this.saved = text;
      },
      onAlert: (each) => this.told.push(each),
      ...more,
    });
  }

  get shown(): string[] {
    return this.list.alerts.map(({ id }) => id);
  }

  get news(): string[] {
    return this.told.splice(0).map(({ id, dismissed }) => (dismissed ? `-${id}` : id));
  }
}

describe('the list of alerts', () => {
  it('is in server order, tells each alert once, and says what was new', () => {
    const page = new Page();
    assert.deepEqual(page.list.add([alert('b', START + 1), alert('a')]), [alert('a'), alert('b', START + 1)]);
    assert.deepEqual(page.list.add([alert('a'), alert('c'), alert('c')]), [alert('c')]);
    assert.deepEqual(page.shown, ['a', 'c', 'b']);
    assert.deepEqual(page.news, ['a', 'b', 'c']);
  });

  it('lets go of an alert when it is a day old, by one timer, which ends with the list', () => {
    const page = new Page();
    page.list.add([alert('old', START - DAY_MS + 1_000), alert('new', START)]);
    assert.deepEqual(page.time.pending, [1_000]);
    page.time.advance(999);
    assert.deepEqual(page.shown, ['old', 'new']);
    page.time.advance(1);
    assert.deepEqual(page.shown, ['new']);
    assert.deepEqual(page.news, ['old', 'new', '-old']);
    assert.equal(page.time.pending.length, 1);
    page.list.dispose();
    assert.deepEqual([page.time.pending, page.shown, page.news], [[], [], []]);
  });

  it('sets no timer that would fire at once for an alert of a clock that is far ahead', () => {
    const page = new Page();
    page.list.add([alert('future', START + 100 * DAY_MS)]);
    assert.deepEqual(page.time.pending, [DAY_MS]);
    page.time.advance(DAY_MS);
    assert.deepEqual([page.shown, page.time.pending], [['future'], [DAY_MS]]);
  });

  it('keeps a closed one of a clock that is far ahead closed, and shows what comes after it', () => {
    const page = new Page();
    page.list.add([alert('future', START + 100 * DAY_MS)]);
    page.list.dismiss('future');
    page.list.add([alert('now'), alert('future', START + 100 * DAY_MS)]);
    assert.deepEqual(page.shown, ['now']);
  });

  it('never tells what was closed elsewhere before anybody saw it', () => {
    const page = new Page();
    page.isVisible = false;
    page.list.add([alert('a'), alert('b')]);
    page.saved = 'a';
    page.list.refresh();
    page.isVisible = true;
    page.list.refresh();
    assert.deepEqual([page.shown, page.news], [['b'], ['b']]);
  });

  it('can be told to close an alert by the listener that hears of it', () => {
    const page: Page = new Page({
      onAlert: (each) => {
        page.told.push(each);
        if (!each.dismissed) for (const id of ['a', 'b', 'c']) page.list.dismiss(id);
      },
    });
    page.list.add([alert('a'), alert('b'), alert('c')]);
    assert.deepEqual(page.shown, []);
    const { news } = page;
    assert.deepEqual([...news].sort(), ['-a', '-b', '-c', 'a', 'b', 'c'], 'each of them once');
    for (const id of ['a', 'b', 'c']) assert.ok(news.indexOf(id) < news.indexOf(`-${id}`));
  });

  it('remembers at most 40 closed ones, the newest, in at most 3,000 characters', () => {
    const page = new Page();
    const ids = Array.from({ length: 100 }, (_, index) => String(index).padStart(24, '0'));
    for (const [index, id] of ids.entries()) {
      page.list.add([alert(id, START + index)]);
      page.list.dismiss(id);
    }
    assert.deepEqual(page.saved.split(' '), ids.slice(-40));
    const reloaded = new Page({ loadDismissed: () => page.saved });
    reloaded.list.add(ids.map((id, index) => alert(id, START + index)));
    assert.deepEqual(reloaded.shown, []);
  });

  it('bears whatever is stored under its name', () => {
    const page = new Page();
    page.saved = '  a   <b> \n null ';
    page.list.add([alert('a'), alert('b')]);
    page.list.refresh();
    assert.deepEqual(page.shown, ['b']);
  });
});

describe('an alert from outside', () => {
  const message = (data: unknown, more: Partial<Message> = {}): Message => ({
    id: 'abc',
    requestId: undefined,
    threadId: undefined,
    workflowId: 'acme:Status Agent:Alerts',
    workflowType: 'Status Agent:Alerts',
    participantId: 'jane@example.com',
    author: 'agent',
    type: 'Data',
    text: undefined,
    data,
    topic: undefined,
    hint: undefined,
    createdAt: START,
    updatedAt: START,
    ...more,
  });

  it('is one only if an agent said it to this participant at the right place', () => {
    const place = { workflow: 'acme:Status Agent:Alerts', participantId: 'jane@example.com' };
    const said = message({ type: 'system_alert', text: 'T' }, { topic: 'outages' });
    for (const topic of [undefined, 'outages']) assert.ok(claimsToBeAlert(said, { ...place, topic }));
    assert.ok(!claimsToBeAlert(said, { ...place, topic: 'sales' }));
    const others: Partial<Message>[] = [
      { author: 'participant' },
      { type: 'Chat' },
      { participantId: 'tom@example.com' },
      { workflowId: 'acme:Status Agent:Other' },
      { data: { type: ['system_alert'] } },
      { data: undefined },
      { data: 'system_alert' },
    ];
    for (const other of others) {
      assert.ok(!claimsToBeAlert({ ...said, ...other }, place), JSON.stringify(other));
    }
  });

  it("falls back to the message's own text, and to a title that says everything", () => {
    assert.equal(parseAlert(message({}, { text: 'Own' }))?.text, 'Own');
    assert.equal(parseAlert(message({ text: 'Given' }, { text: 'Own' }))?.text, 'Given');
    assert.deepEqual(parseAlert(message({ title: 'Only' })), { ...alert('abc'), title: 'Only', text: '' });
    assert.equal(parseAlert(message({})), undefined);
  });

  it('has a known severity, whatever was written', () => {
    const severities = [
      ['Critical', 'critical'],
      ['WARNING', 'warning'],
      ['panic', 'info'],
      [['critical'], 'info'],
    ];
    for (const [given, expected] of severities) {
      assert.equal(parseAlert(message({ text: 'T', severity: given }))?.severity, expected);
    }
  });

  it('is cut to its length without splitting a character, and has no control characters', () => {
    const long = parseAlert(message({ title: `${'a'.repeat(198)}😀😀`, text: 'x'.repeat(5e6) }));
    assert.equal(long?.title, `${'a'.repeat(198)}…`);
    assert.equal(long?.text.length, 2_000);
    const odd = parseAlert(message({ title: ' a\u0000\u001b[31m\tb\r\n', text: 'one\ntwo\u0007' }));
    assert.deepEqual([odd?.title, odd?.text], ['a[31m b', 'one\ntwo']);
  });

  it('needs an id that can be stored in a list', () => {
    for (const id of ['a b', '', 'x'.repeat(65), 'é']) {
      assert.equal(parseAlert(message({ text: 'T' }, { id })), undefined, JSON.stringify(id));
    }
    assert.deepEqual(
      parseToldAlerts([{ ...alert('ok'), extra: 1 }, { ...alert('no'), at: Number.NaN }, [], 'x']),
      [alert('ok')],
    );
    assert.deepEqual(parseToldAlerts({ length: 1 }), []);
  });
});
