import { expect } from '@open-wc/testing';
import type { Freshness } from '../../src/client/incident-types.ts';
import type { XiansFeedStaleEvent } from '../../src/elements/feed-events.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { waitFor } from '../support/wait.ts';
import { incident, incidents, ShownFeedHost } from './shown-feed.ts';

const HOSTILE = '<img src=x onerror=alert(1)> **[x](javascript:alert(1))** \u202Egnp.exe';

/** Every state that a reader can meet. */
const states: Readonly<Record<string, (host: ShownFeedHost) => void>> = {
  live: ({ feed }) => {
    feed.incidents = incidents(12, (index) => ({
      severity: ['P0', 'P1', 'P2', 'P3', 'P4', 'CATASTROPHE'][index % 6],
      state: ['DETECTED', 'TRIAGED', 'IN_PROGRESS', 'RESOLVED', 'QUARANTINED'][index % 5],
      phase: (['open', 'acknowledged', 'working', 'done', 'unknown'] as const)[index % 5],
      affectedResources: ['api-1', 'api-2', 'api-3'].slice(0, index % 4),
      assignees: index % 3 === 0 ? undefined : ['jane.doe@example.com', 'Bob', 'Carol'].slice(0, index % 4),
    }));
    feed.hasMore = true;
    feed.total = 2_000;
  },
  'checked again and again': (host) => {
    states.live?.(host);
    host.feed.status = { ...host.feed.status, mode: 'rest', everyMs: 10_000, state: 'degraded' };
  },
  stale: (host) => {
    states.live?.(host);
    host.feed.freshness = { state: 'unknown', asOf: Date.now() - 30_000 };
    const error = new RealtimeError('network', 'The server cannot be reached.');
    host.feed.status = {
      ...host.feed.status,
      state: 'waiting',
      until: Date.now() + 9_000,
      mode: undefined,
      error,
    };
  },
  empty: () => undefined,
  'empty and unknown': ({ feed }) => {
    feed.freshness = { state: 'unknown', asOf: undefined };
    feed.status = { ...feed.status, state: 'offline', mode: undefined };
  },
  loading: ({ feed }) => {
    feed.isLoading = true;
    feed.freshness = { state: 'checking', asOf: undefined };
    feed.status = { ...feed.status, state: 'connecting', mode: undefined };
  },
  unauthorized: ({ feed }) => {
    feed.freshness = { state: 'checking', asOf: undefined };
    const error = new RealtimeError('unauthorized', 'The token was refused.');
    feed.status = { ...feed.status, state: 'unauthorized', mode: undefined, error };
  },
  unsupported: ({ feed }) => {
    feed.freshness = { state: 'checking', asOf: undefined };
    const error = new RealtimeError('unsupported', 'Neither /graphql nor /v1/incidents is there.');
    feed.status = { ...feed.status, state: 'unsupported', mode: undefined, error };
  },
  misconfigured: (host) => {
    host.openFeed = undefined;
    host.problem = new RealtimeError('input', 'This feed needs the attribute incidents-url.');
  },
  'without consent': (host) => {
    host.openFeed = undefined;
    host.problem = 'consent';
  },
  'with a feed that cannot be had': (host) => {
    host.openFeed = () =>
      Promise.reject(new RealtimeError('network', 'Part of this page could not be loaded.'));
  },
  'with pending actions': (host) => {
    states.live?.(host);
    const part = { at: Date.now(), persisted: true, error: undefined };
    const [one, two, three] = host.feed.incidents;
    const error = new RealtimeError('forbidden', 'You may not do that.');
    host.feed.pending = [
      { ...part, id: '1', state: 'sending', action: { kind: 'acknowledge', id: one?.id ?? '' } },
      { ...part, id: '2', state: 'queued', persisted: false, action: { kind: 'reopen', id: two?.id ?? '' } },
      { ...part, id: '3', state: 'failed', error, action: { kind: 'acknowledge', id: three?.id ?? '' } },
    ];
  },
  grouped: (host) => {
    states.live?.(host);
    host.groupBy = 'severity';
  },
  'with notifications': (host) => {
    states.live?.(host);
    host.notify = ['sound', 'title', 'desktop'];
  },
};

describe('the view of a feed', () => {
  let host: ShownFeedHost;

  beforeEach(() => {
    host = new ShownFeedHost();
    host.style.height = '600px';
  });

  afterEach(() => {
    host.remove();
    document.documentElement.style.removeProperty('color-scheme');
    document.documentElement.removeAttribute('dir');
  });

  const find = (selector: string) => host.renderRoot.querySelector<HTMLElement>(selector);
  const all = (selector: string) => [...host.renderRoot.querySelectorAll<HTMLElement>(selector)];
  const rows = () => all('article');
  const titles = () => all('article [part=title]').map(({ textContent }) => textContent);
  const button = (name: string) =>
    all('button').find((one) => (one.ariaLabel ?? one.textContent).trim().startsWith(name));
  const status = () => find('[part~=freshness]')?.textContent.replace(/\s+/g, ' ').trim();

  async function show(state = 'live'): Promise<void> {
    states[state]?.(host);
    document.body.append(host);
    const count = host.openFeed && !host.problem ? host.feed.incidents.length : 0;
    await waitFor(() => find('.feed') && (count === 0 || rows().length > 0), 'it is drawn');
    const placeholder = state === 'loading' ? '.skeleton' : '.empty';
    if (count === 0) await waitFor(() => find(placeholder), 'it says why nothing shows');
    if (state.endsWith('cannot be had')) await waitFor(() => find('.empty .pill'), 'it failed');
    for (const animation of host.shadowRoot?.getAnimations() ?? []) animation.cancel();
  }

  for (const scheme of ['light', 'dark']) {
    for (const state of Object.keys(states)) {
      it(`is accessible ${state}, in ${scheme}`, async () => {
        document.documentElement.style.colorScheme = scheme;
        await show(state);
        await expect(host).to.be.accessible();
      });
    }
  }

  for (const state of Object.keys(states)) {
    it(`does not scroll sideways ${state}, in any direction and width`, async () => {
      await show(state);
      for (const dir of ['ltr', 'rtl']) {
        document.documentElement.dir = dir;
        for (const width of [280, 390, 700, 1_200]) {
          host.style.width = `${width}px`;
          for (const box of [find('.scroller'), find('.feed')]) {
            expect(box?.scrollWidth, `${box?.className} ${dir} ${width}`).to.equal(box?.clientWidth);
          }
        }
      }
    });
  }

  it('says how fresh it is in words, with another shape and colour for each', async () => {
    await show('live');
    const shapes = new Set<string>();
    const colours = new Map<string, string>();
    const look = async (state: Freshness['state'], mode: 'stream' | 'query' | undefined, says: RegExp) => {
      host.feed.status = { ...host.feed.status, mode, everyMs: 10_000, state: mode ? 'live' : 'connecting' };
      host.feed.setFreshness(state, Date.now() - 4_000);
      await waitFor(() => says.test(status() ?? ''), `it says ${String(says)}`);
      const shape = find('[part~=freshness] .shape');
      shapes.add(shape?.querySelector('*')?.outerHTML ?? '');
      if (shape) colours.set(`${state} ${mode}`, getComputedStyle(shape).color);
    };
    await look('fresh', 'stream', /^Live · checked \d sec ago$/);
    await look('fresh', 'query', /^Checked every 10 sec · \d sec ago$/);
    await look('checking', undefined, /^Checking…/);
    await look('unknown', undefined, /^Unknown/);
    expect(shapes.size).to.equal(4);
    const green = colours.get('fresh stream');
    expect(colours.get('unknown undefined')).not.to.equal(green);
    expect(colours.get('checking undefined')).not.to.equal(green);
  });

  it('shows nothing as current when it is unknown, says since when and why, and offers to try', async () => {
    await show('live');
    const colour = () => getComputedStyle(find('.row.p0 .severity, .row .severity.p0') as Element).color;
    const before = colour();
    expect(find('.banner')).to.equal(null);
    host.feed.status = { ...host.feed.status, state: 'offline', mode: undefined };
    host.feed.setFreshness('unknown', Date.now() - 25_000);
    await waitFor(() => find('.banner'), 'the banner');
    expect(find('.banner')?.textContent).to.match(
      /Unknown since .+ — no network on this device.+Shown as of/s,
    );
    expect(colour()).not.to.equal(before);
    button('Try now')?.click();
    await waitFor(() => host.feed.calls.includes('refresh'), 'it looks');
    host.feed.status = { ...host.feed.status, state: 'live', mode: 'stream' };
    host.feed.setFreshness('fresh', Date.now());
    await waitFor(() => !find('.banner'), 'the banner goes');
    expect(colour()).to.equal(before);
  });

  it('does not offer to try before a time that the server named', async () => {
    const error = new RealtimeError('rate-limited', 'Too many requests.', { retryAfterMs: 9_000 });
    states.stale?.(host);
    host.feed.status = { ...host.feed.status, error };
    await show('none');
    await waitFor(() => find('.banner'), 'the banner');
    expect(button('Try now')).to.equal(undefined);
  });

  it('tells the page when what it shows becomes stale, and when it is not any more', async () => {
    const told: unknown[] = [];
    host.addEventListener('xians-feed-stale', (event: XiansFeedStaleEvent) =>
      told.push([event.stale, event.asOf]),
    );
    await show('live');
    host.feed.setFreshness('unknown', 5);
    host.feed.setFreshness('unknown', 5);
    host.feed.setFreshness('fresh', 7);
    expect(told).to.deep.equal([
      [true, 5],
      [false, 7],
    ]);
  });

  it('X1: says how the connection is, not whether something came over it', async () => {
    await show('empty');
    expect(status()).to.match(/^Live/);
    expect(find('.empty')?.textContent).to.match(/No incidents\s*as of/);
    host.feed.status = { ...host.feed.status, state: 'offline', mode: undefined };
    host.feed.setFreshness('unknown');
    await waitFor(() => /there may be incidents/.test(find('.empty')?.textContent ?? ''), 'it says so');
    expect(find('.empty .greeting')?.textContent).to.match(/^Unknown.* — no network on this device$/);
    host.feed.setStatus({ state: 'unauthorized' });
    await waitFor(
      () => /your sign-in was not accepted/.test(find('.empty .greeting')?.textContent ?? ''),
      'the true reason',
    );
    expect(find('.empty')?.textContent).not.to.contain('connection');
  });

  it('shows what is hostile as text, and nothing else', async () => {
    const evil = incident({
      title: HOSTILE,
      source: HOSTILE,
      severity: HOSTILE,
      state: HOSTILE,
      id: HOSTILE,
    });
    host.feed.incidents = [{ ...evil, affectedResources: [HOSTILE], assignees: [HOSTILE], createdAt: 1e300 }];
    await show('none');
    expect(titles()).to.deep.equal([HOSTILE]);
    expect(host.renderRoot.querySelectorAll('img, script, a').length).to.equal(0);
    rows()[0]?.querySelector<HTMLElement>('.expander')?.click();
    await waitFor(() => find('[part=timeline]'), 'the details');
    expect(host.renderRoot.querySelectorAll('img, script').length).to.equal(0);
  });

  it('tells severities apart by shape and text, not by colour alone', async () => {
    await show('live');
    const looks = all('article .severity').map((cell) => ({
      text: cell.textContent.trim(),
      shape: cell.querySelector('svg')?.innerHTML,
    }));
    expect(new Set(looks.map(({ text }) => text)).size).to.equal(6);
    expect(new Set(looks.map(({ shape }) => shape)).size).to.equal(6);
  });

  it('names a row by severity, state, title, source and who looks after it, but not by its age', async () => {
    host.feed.incidents = [
      incident({ severity: 'P1', state: 'IN_PROGRESS', title: 'Disk', assignees: ['Jane', 'Bob'] }),
    ];
    await show('none');
    expect(rows()[0]?.ariaLabel).to.equal('P1 high, In progress, Disk, prometheus, assigned to Jane, Bob');
  });

  it('shows ages by the clock of the server', async () => {
    host.feed.clockAheadMs = 3_600_000;
    host.feed.incidents = [incident({ createdAt: Date.now() + 3_600_000 - 5 * 60_000 - 500 })];
    await show('none');
    expect(find('article time')?.textContent).to.equal('5 min');
  });

  describe('filters', () => {
    it('narrow the list by severity, with a count on each switch', async () => {
      await show('live');
      const chip = all('.chip').find(({ textContent }) => textContent.trim().startsWith('P0'));
      expect(chip?.textContent.replace(/\s+/g, ' ').trim()).to.equal('P0 critical:2');
      chip?.click();
      await waitFor(() => rows().length === 2, 'only P0');
      expect(chip?.ariaPressed).to.equal('true');
      await expect(host).to.be.accessible();
      chip?.click();
      await waitFor(() => rows().length === 12, 'all again');
    });

    it('find a text in title, description, source and resources', async () => {
      host.feed.incidents = [
        incident({ title: 'NEEDLE in title' }),
        incident({ description: 'a needle in the description' }),
        incident({ source: 'Needle' }),
        incident({ affectedResources: ['the-needle'] }),
        incident({ title: 'hay' }),
      ];
      await show('none');
      const search = find('[part=search]') as HTMLInputElement;
      search.value = ' needle';
      search.dispatchEvent(new Event('input'));
      await waitFor(() => rows().length === 4, 'four match');
      search.value = 'nothing of the kind';
      search.dispatchEvent(new Event('input'));
      await waitFor(() => /No incident matches/.test(find('.empty')?.textContent ?? ''), 'none does');
      button('Reset filters')?.click();
      await waitFor(() => rows().length === 5, 'all again');
      expect(search.value).to.equal('');
    });

    it('choose a phase and a source of those seen', async () => {
      await show('live');
      const select = (name: string) =>
        all('select').find(({ ariaLabel }) => ariaLabel === name) as HTMLSelectElement;
      const choose = async (name: string, value: string, count: number) => {
        select(name).value = value;
        select(name).dispatchEvent(new Event('change'));
        await waitFor(() => rows().length === count, `${name} ${value}`);
      };
      await choose('State', 'active', 10);
      await choose('State', 'done', 2);
      await choose('State', '', 12);
      expect([...select('Source').options].map(({ value }) => value)).to.deep.equal(['', '=prometheus']);
      await choose('Source', '=prometheus', 12);
    });
  });

  it('groups by severity, state or source, in an order that makes sense, with counts', async () => {
    await show('grouped');
    const headings = () => all('.rows > .group:not(.probe)').map(({ textContent }) => textContent);
    await waitFor(() => headings().length === 6, 'headings');
    expect(headings()).to.deep.equal(['P0 · 2', 'P1 · 2', 'P2 · 2', 'P3 · 2', 'P4 · 2', 'Catastrophe · 2']);
    expect(rows().map((row) => row.getAttribute('aria-posinset'))).to.deep.equal(
      rows().map((_, index) => String(index + 1)),
    );
    host.groupBy = 'state';
    await waitFor(() => headings()[0]?.startsWith('Detected'), 'by state');
    expect(headings().at(-1)).to.equal('Resolved · 2');
  });

  it('stands still while paused, counts what arrives, and lets the reader act', async () => {
    await show('live');
    const before = titles();
    button('Pause')?.click();
    await waitFor(() => host.paused, 'paused');
    await host.updateComplete;
    host.feed.receive(incident(), incident());
    host.feed.receive(incident());
    await waitFor(() => /Paused · 3 arrived/.test(find('[part=pause]')?.textContent ?? ''), 'the count');
    expect(titles()).to.deep.equal(before);
    const open = rows().find((row) => row.querySelector('[part~=acknowledge]'));
    const title = open?.querySelector('[part=title]')?.textContent;
    open?.querySelector<HTMLElement>('[part~=acknowledge]')?.click();
    const id = host.feed.incidents.find((one) => one.title === title)?.id ?? '';
    host.feed.update(id, { state: 'TRIAGED', phase: 'acknowledged' });
    await waitFor(() => open?.querySelector('.state.acknowledged'), 'what the reader did shows');
    expect(titles()).to.deep.equal(before);
    await expect(host).to.be.accessible();
    find('[part=pause]')?.click();
    await waitFor(() => titles().length === before.length + 3, 'it goes on');
  });

  it('says why an action is not done, in the row, with what can be done about it', async () => {
    await show('with pending actions');
    const marks = () => all('[part~=pending]').map(({ textContent }) => textContent.trim());
    expect(marks()).to.deep.equal([
      'Acknowledging…',
      'Reopen: will be sent when connected, not saved: keep this page open',
      'Not done: You may not do that.',
    ]);
    find('[part=retry]')?.click();
    find('[part=discard]')?.click();
    expect(host.feed.calls.slice(-2)).to.deep.equal(['retry 3', 'discard 3']);
  });

  it('says why when an action is refused and nothing of it is kept', async () => {
    await show('live');
    host.feed.acting = () => Promise.reject(new RealtimeError('forbidden', 'Only the team may.'));
    button('Acknowledge')?.click();
    await waitFor(
      () => /Not done: Only the team may\./.test(find('.banner')?.textContent ?? ''),
      'the reason',
    );
    find('.banner .tool')?.click();
    await waitFor(() => !find('.banner'), 'it was dismissed');
  });

  it('offers only what the page wants, the server can do, and the state of an incident allows', async () => {
    await show('live');
    expect(rows().filter((row) => row.querySelector('[part~=acknowledge]')).length).to.equal(5);
    expect(rows().filter((row) => row.querySelector('[part~=reopen]')).length).to.equal(2);
    host.actions = ['acknowledge'];
    await waitFor(() => all('[part~=reopen]').length === 0, 'the page does not want it');
    const capabilities = { ...host.feed.status.capabilities, actions: new Set<never>() };
    host.feed.setStatus({ capabilities: capabilities as never });
    await waitFor(() => all('.quick').length === 0, 'the server cannot');
  });

  it('shows more when asked, with the place kept', async () => {
    await show('live');
    host.limit = 12;
    await waitFor(() => host.filters.at(-1)?.limit === 12, 'the limit of the page');
    const more = () => find('[part=more]') as HTMLButtonElement | null;
    await waitFor(() => more()?.disabled === false, 'it can be asked for');
    more()?.click();
    await waitFor(() => host.filters.at(-1)?.limit === 24, 'twice as many are asked for');
    expect(find('.foot')?.textContent).to.contain('12 of 2,000 shown');
  });

  it('opens another feed only when another one is asked for', async () => {
    await show('live');
    const opened = host.filters.length;
    host.severities = ['P0'];
    await waitFor(() => host.filters.length === opened + 1, 'another filter');
    expect(host.filters.at(-1)).to.deep.equal({
      severities: ['P0'],
      states: [],
      activeOnly: false,
      limit: 100,
    });
    host.severities = ['P0'];
    host.heading = 'Other';
    await host.updateComplete;
    expect(host.filters.length).to.equal(opened + 1);
  });

  it('goes on with 100 where the limit is none, and does not show rows of another filter', async () => {
    await show('live');
    for (const limit of [null, NaN, 0, -3]) {
      host.limit = limit as number;
      host.severities = [`P${limit}`];
      await waitFor(() => host.filters.at(-1)?.severities?.[0] === `P${limit}`, 'the new filter');
      expect(host.filters.at(-1)?.limit).to.equal(100);
    }
    const told: unknown[] = [];
    host.addEventListener('xians-error', (event) => told.push(event.error.code));
    const { openFeed } = host;
    let refuses = true;
    const refusal = new RealtimeError('input', 'No such severity.');
    host.openFeed = (filter) =>
      refuses ? Promise.reject(refusal) : (openFeed?.(filter) ?? Promise.reject(refusal));
    await waitFor(() => /No such severity/.test(find('.empty')?.textContent ?? ''), 'the reason');
    refuses = false;
    host.severities = ['P1'];
    await waitFor(() => rows().length === 12, 'rows of the next one');
    refuses = true;
    host.severities = ['P2'];
    await waitFor(() => /No such severity/.test(find('.empty')?.textContent ?? ''), 'the reason again');
    expect(rows().length).to.equal(0);
    expect(told).to.deep.equal(['input', 'input']);
  });

  it('tries again when the feed could not be had', async () => {
    await show('with a feed that cannot be had');
    const { feed } = host;
    feed.incidents = incidents(2);
    let asked = 0;
    host.openFeed = () => (asked++ === 0 ? Promise.reject(new Error('no')) : Promise.resolve(feed));
    await waitFor(() => /could not be shown/.test(find('.empty')?.textContent ?? ''), 'it failed again');
    button('Try again')?.click();
    await waitFor(() => rows().length === 2, 'rows');
  });

  it('lets a page add to a row, and to what an open one shows', async () => {
    await show('live');
    const id = host.feed.incidents[0]?.id ?? '';
    expect(find('article slot')).to.equal(null);
    const note = document.createElement('b');
    note.slot = `row-${id}`;
    host.append(note);
    await waitFor(() => note.assignedSlot, 'it has its place');
    expect(rows()[0]?.contains(note.assignedSlot)).to.equal(true);
  });

  it('leaves nothing behind: no listener, no timer, no frame', async () => {
    const running = new Set<unknown>();
    const own = { setInterval: window.setInterval, clearInterval: window.clearInterval };
    window.setInterval = ((run: () => void, ms: number) => {
      const id = own.setInterval.call(window, run, ms);
      running.add(id);
      return id;
    }) as unknown as typeof window.setInterval;
    window.clearInterval = (id) => {
      running.delete(id);
      own.clearInterval.call(window, id as number);
    };
    try {
      await show('live');
      rows()[0]?.querySelector<HTMLElement>('.expander')?.click();
      await waitFor(() => find('[part=timeline]'), 'the details');
      expect(running.size).to.equal(1);
      host.remove();
      expect(running.size).to.equal(0);
      expect(host.feed.listeners).to.equal(0);
      expect(host.feed.opened).to.equal(0);
      await host.updateComplete;
      const { updates } = host;
      host.feed.receive(incident());
      await new Promise((resolve) => requestAnimationFrame(resolve));
      expect(host.updates).to.equal(updates);
      document.body.append(host);
      await waitFor(() => rows().length === 13 && host.feed.opened === 1, 'it is back');
    } finally {
      Object.assign(window, own);
    }
  });
});
