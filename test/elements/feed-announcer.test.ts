import { expect } from '@open-wc/testing';
import { FeedAnnouncer } from '../../src/elements/feed-announcer.ts';
import { ENGLISH } from '../../src/elements/language.ts';
import { waitFor } from '../support/wait.ts';
import { incident, incidents, ShownFeedHost } from './shown-feed.ts';

let unique = 0;
/** An incident that no other test has announced: each interrupts once per page. */
const urgent = (title: string) => incident({ id: `announced-${++unique}`, severity: 'P0', title });

describe('what a feed has read out', () => {
  let announcer: FeedAnnouncer;
  const calm = () => announcer.regions[0]?.textContent;
  const now = () => announcer.regions[1]?.textContent;

  beforeEach(() => {
    announcer = new FeedAnnouncer(() => ENGLISH);
    announcer.start();
  });
  afterEach(() => announcer.rest());

  it('interrupts for a new critical or high incident, once', async () => {
    const one = urgent('Checkout is down');
    announcer.received([one]);
    await waitFor(now, 'it is read out');
    expect(now()).to.equal('New P0 critical: Checkout is down, prometheus.');
    expect(calm()).to.equal('');
    const two = urgent('Login is down');
    announcer.received([one, two]);
    announcer.updated([one]);
    await waitFor(() => /Login/.test(now() ?? ''), 'only the other one');
    expect(now()).to.equal('New P0 critical: Login is down, prometheus.');
  });

  it('sums up a burst', async () => {
    announcer.received([...incidents(9), urgent('1'), urgent('2'), urgent('3'), urgent('4')]);
    await waitFor(now, 'it is read out');
    expect(now()).to.equal('13 new incidents, 4 critical.');
  });

  it('tells of the others without interrupting, together', async () => {
    announcer.received(incidents(2));
    announcer.received(incidents(1));
    await waitFor(calm, 'it is read out');
    expect(calm()).to.equal('3 new incidents.');
    expect(now()).to.equal('');
  });

  it('tells when a known one becomes critical, and not of those that were there from the beginning', async () => {
    const known = urgent('was there');
    announcer.know([known]);
    announcer.updated([known]);
    const raised = urgent('got worse');
    announcer.updated([raised]);
    await waitFor(now, 'it is read out');
    expect(now()).to.equal('Now P0 critical: got worse.');
  });

  it('does not interrupt for what is over already', async () => {
    announcer.received([{ ...urgent('over'), phase: 'done' }]);
    await waitFor(calm, 'it is counted');
    expect(now()).to.equal('');
  });

  it('tells of another situation when it has lasted, and not of one that was over in a moment', async () => {
    announcer.situation('Live');
    announcer.situation('Unknown');
    announcer.situation('Live');
    announcer.say('first');
    await waitFor(() => calm() === 'first', 'something else');
    announcer.situation('Unknown');
    await waitFor(() => calm() === 'Unknown', 'it has lasted');
    announcer.situation('Live');
    await waitFor(() => calm() === 'Live', 'it is live again');
  });

  it('keeps quiet while the page is hidden, and sums up when somebody looks again', async () => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    try {
      announcer.received([urgent('a'), urgent('b'), urgent('c'), urgent('d'), ...incidents(8)]);
      announcer.say('said');
      // Longer than it takes to gather.
      await waitForTimer();
      expect(now()).to.equal('');
      expect(calm()).to.equal('');
    } finally {
      Reflect.deleteProperty(document, 'visibilityState');
    }
    document.dispatchEvent(new Event('visibilitychange'));
    await waitFor(now, 'it is read out');
    expect(now()).to.equal('12 new incidents, 4 critical.');
  });

  it('says nothing any more after it was put to rest', async () => {
    announcer.received([urgent('late')]);
    announcer.situation('One');
    announcer.situation('Another');
    announcer.rest();
    await waitForTimer();
    expect([calm(), now()]).to.deep.equal(['', '']);
  });

  it('cuts what is endless', async () => {
    announcer.received([urgent('x'.repeat(1_000_000))]);
    await waitFor(now, 'it is read out');
    expect(now()?.length).to.be.below(1_100);
  });

  it('names only what matches the filters of the reader', async () => {
    const host = new ShownFeedHost();
    host.feed.incidents = incidents(3, () => ({ severity: 'P1', id: `there-${++unique}` }));
    document.body.append(host);
    try {
      const find = (selector: string) => host.renderRoot.querySelector<HTMLElement>(selector);
      await waitFor(() => find('article'), 'rows');
      const search = find('[part=search]') as HTMLInputElement;
      search.value = 'payments';
      search.dispatchEvent(new Event('input'));
      await waitFor(() => find('.empty'), 'none matches');
      host.feed.receive(urgent('Search is down'), urgent('payments fail'));
      await waitFor(() => find('.hush[role=alert]')?.textContent, 'it is read out');
      expect(find('.hush[role=alert]')?.textContent).to.equal('New P0 critical: payments fail, prometheus.');
    } finally {
      host.remove();
    }
  });
});

/** Resolves when whatever was gathered, or had to last, would have been read out. */
async function waitForTimer(): Promise<void> {
  const until = performance.now() + 1_000;
  await waitFor(() => performance.now() > until, 'the time has passed');
}
