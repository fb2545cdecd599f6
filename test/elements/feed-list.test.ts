import { expect } from '@open-wc/testing';
import type { Incident } from '../../src/protocol/incident.ts';
import { SEED } from '../support/seed.ts';
import { waitFor } from '../support/wait.ts';
import { incident, incidents, ShownFeedHost } from './shown-feed.ts';

describe('the list of a feed', () => {
  let host: ShownFeedHost;

  beforeEach(() => {
    host = new ShownFeedHost();
    host.style.height = '500px';
  });

  afterEach(() => host.remove());

  const find = (selector: string) => host.renderRoot.querySelector<HTMLElement>(selector);
  const rows = () => [...host.renderRoot.querySelectorAll<HTMLElement>('article')];
  const box = () => find('.scroller') as HTMLElement;
  const titleOf = (row: Element | null | undefined) => row?.querySelector('[part=title]')?.textContent;
  const rowOf = (one: Incident | undefined) => rows().find((row) => titleOf(row) === one?.title);
  const focused = () => titleOf(host.shadowRoot?.activeElement?.closest('article'));
  const press = (key: string, target = host.shadowRoot?.activeElement) =>
    target?.dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true }),
    );

  async function show(list: readonly Incident[]): Promise<void> {
    host.feed.incidents = list;
    document.body.append(host);
    await waitFor(() => rows().length > 0, 'rows are drawn');
  }

  async function frame(): Promise<void> {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    await host.updateComplete;
  }

  /** The rows that show at all, by where they are on the screen. */
  function shown(): HTMLElement[] {
    const { top, bottom } = box().getBoundingClientRect();
    return rows().filter((row) => {
      const edge = row.getBoundingClientRect();
      return edge.bottom > top + 1 && edge.top < bottom - 1;
    });
  }

  const topOf = (row: Element | undefined) => Math.round(row?.getBoundingClientRect().top ?? NaN);

  async function scrollTo(top: number): Promise<void> {
    box().scrollTop = top;
    await frame();
    await frame();
  }

  it('keeps only the rows that show in the document, of 100,000', async () => {
    await show(incidents(100_000));
    for (const share of [0, 0.5, 1, 0.25]) {
      await scrollTo(share * box().scrollHeight);
      await waitFor(() => shown().length > 4, `rows show at ${share}`);
      expect(rows().length).to.be.below(40);
      expect(host.renderRoot.querySelectorAll('*').length).to.be.below(1_500);
      const places = rows().map((row) => Number(row.getAttribute('aria-posinset')));
      expect(places).to.deep.equal([...places].sort((one, other) => one - other));
      expect(rows()[0]?.getAttribute('aria-setsize')).to.equal('100000');
      // No gap and no overlap.
      const tops = rows().map(topOf);
      const height = rows()[0]?.offsetHeight ?? 0;
      tops.slice(1).forEach((top, index) => {
        expect(top - (tops[index] ?? 0)).to.equal(height);
      });
    }
    await scrollTo(box().scrollHeight);
    expect(titleOf(rows().at(-1))).to.equal(host.feed.incidents.at(-1)?.title);
  });

  it('has the same rows in the document wherever its reader goes and whatever changes', async () => {
    let seed = SEED;
    const draw = (below: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed % below;
    };
    await show(incidents(300, (index) => ({ severity: `P${index % 5}` })));
    for (let step = 0; step < 12; step++) {
      const list = host.feed.incidents;
      const kind = draw(6);
      if (kind === 0) host.feed.receive(...incidents(1 + draw(5), () => ({ severity: `P${draw(5)}` })));
      else if (kind === 1) host.feed.set({ incidents: list.filter(() => draw(10) > 0) });
      else if (kind === 2) host.groupBy = ['', 'severity', 'state'][draw(3)] ?? '';
      else if (kind === 3) rows()[draw(rows().length)]?.querySelector<HTMLElement>('.expander')?.click();
      else box().scrollTop = draw(box().scrollHeight);
      await frame();
      await frame();
      const context = `step ${step}, kind ${kind}, seed ${SEED}`;
      // Every point of the box is covered by exactly one row or heading.
      const { top, bottom } = box().getBoundingClientRect();
      const edges = [...host.renderRoot.querySelectorAll('.rows > :is(article, .group):not(.probe)')]
        .map((one) => one.getBoundingClientRect())
        .filter((edge) => edge.bottom > top && edge.top < bottom)
        .sort((one, other) => one.top - other.top);
      expect(edges[0]?.top, context).to.be.at.most(top + 1);
      edges.slice(1).forEach((edge, index) => {
        expect(Math.abs(edge.top - (edges[index]?.bottom ?? 0)), context).to.be.below(1);
      });
      const places = rows().map((row) => Number(row.getAttribute('aria-posinset')));
      expect(places, context).to.deep.equal([...places].sort((one, other) => one - other));
    }
    // Two frames a step: a page behind another one draws once a second.
  }).timeout(60_000);

  it('keeps the place of a reader who has scrolled, and counts what is new above', async () => {
    await show(incidents(200));
    await scrollTo(1_000);
    const [first] = shown();
    const before = topOf(first);
    host.feed.receive(...incidents(3));
    await waitFor(() => find('[part=new]')?.textContent.trim() === '3 new', 'the count');
    expect(topOf(first)).to.equal(before);
    host.feed.receive(incident());
    await waitFor(() => find('[part=new]')?.textContent.trim() === '4 new', 'one more');
    expect(topOf(first)).to.equal(before);
    find('[part=new]')?.click();
    await waitFor(() => !find('[part=new]'), 'the count goes');
    expect(box().scrollTop).to.equal(0);
    expect(titleOf(shown()[0])).to.equal(host.feed.incidents[0]?.title);
  });

  it('keeps the place when rows above go, or the row itself', async () => {
    await show(incidents(200));
    await scrollTo(2_000);
    const [, second] = shown();
    const before = topOf(second);
    const title = titleOf(shown()[0]);
    host.feed.set({
      incidents: host.feed.incidents.filter((one, index) => index > 4 && one.title !== title),
    });
    await waitFor(
      () => rowOf(host.feed.incidents[0]) === undefined && titleOf(shown()[0]) !== title,
      'it goes',
    );
    await frame();
    expect(Math.abs(topOf(second) - before)).to.be.below(60);
  });

  it('lets new ones in at the top, and points them out, while nobody reads there', async () => {
    await show(incidents(50));
    const news = incident();
    host.feed.receive(news);
    const row = await waitFor(() => rowOf(news), 'the new row');
    expect(box().scrollTop).to.equal(0);
    expect(row.classList.contains('new')).to.equal(true);
    expect(find('[part=new]')).to.equal(null);
  });

  it('moves nothing under the pointer, nor below a row that is open or has focus', async () => {
    await show(incidents(50));
    const [, second] = shown();
    const pointer = (type: string) => box().dispatchEvent(new PointerEvent(type, { pointerType: 'mouse' }));
    pointer('pointermove');
    const before = topOf(second);
    host.feed.receive(incident());
    await waitFor(() => find('[part=new]'), 'it is counted');
    expect(topOf(second)).to.equal(before);
    pointer('pointerleave');
    host.feed.receive(incident());
    await waitFor(() => box().scrollTop === 0 && !find('[part=new]'), 'it flows again');
    shown()[1]?.focus();
    const at = topOf(shown()[1]);
    const title = focused();
    host.feed.receive(incident());
    await waitFor(() => find('[part=new]'), 'it is counted');
    expect(focused()).to.equal(title);
    expect(topOf(host.shadowRoot?.activeElement ?? undefined)).to.equal(at);
  });

  it('draws at most once a frame however much arrives', async () => {
    await show(incidents(20));
    const start = host.updates;
    let frames = 0;
    let isDone = false;
    const count = () => {
      frames++;
      if (!isDone) requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
    for (let burst = 0; burst < 20; burst++) {
      for (let event = 0; event < 20; event++) host.feed.receive(incident());
      await new Promise((resolve) => setTimeout(resolve));
    }
    await waitFor(
      () => rows()[0] && titleOf(rows()[0]) === host.feed.incidents[0]?.title,
      'the newest shows',
    );
    isDone = true;
    expect(host.updates - start).to.be.at.most(frames + 2);
  });

  it('does not draw while it cannot be seen, and then once', async () => {
    await show(incidents(20));
    const spacer = document.createElement('div');
    spacer.style.height = '5000px';
    host.before(spacer);
    window.scrollTo(0, 0);
    try {
      // The observer tells with one of the next frames; until then it is drawn.
      await waitFor(async () => {
        const { updates } = host;
        host.feed.receive(incident());
        await frame();
        await frame();
        return host.updates === updates;
      }, 'it rests');
      const { updates } = host;
      for (let event = 0; event < 30; event++) host.feed.receive(incident());
      await frame();
      expect(host.updates).to.equal(updates);
    } finally {
      spacer.remove();
    }
    await waitFor(() => titleOf(rows()[0]) === host.feed.incidents[0]?.title, 'it is drawn again');
  });

  it('measures its rows again when the text gets larger', async () => {
    await show(incidents(100));
    await scrollTo(1_500);
    const title = titleOf(shown()[0]);
    const before = rows()[0]?.offsetHeight ?? 0;
    host.style.setProperty('--xians-font-size', '24px');
    await waitFor(() => (rows()[0]?.offsetHeight ?? 0) > before, 'rows are taller');
    await frame();
    const tops = rows().map(topOf);
    expect((tops[1] ?? 0) - (tops[0] ?? 0)).to.equal(rows()[0]?.offsetHeight);
    expect(titleOf(shown()[0])).to.equal(title);
  });

  describe('keys', () => {
    it('move from row to row, by page, and to both ends', async () => {
      await show(incidents(500));
      const at = (index: number) => host.feed.incidents[index]?.title;
      rows()[0]?.focus();
      press('j');
      press('ArrowDown');
      expect(focused()).to.equal(at(2));
      press('k');
      press('ArrowUp');
      press('ArrowUp');
      expect(focused()).to.equal(at(0));
      press('End');
      expect(focused()).to.equal(at(499));
      press('PageUp');
      expect(Number(focused()?.slice('Incident '.length))).to.be.above(0);
      expect(focused()).not.to.equal(at(499));
      press('Home');
      expect(focused()).to.equal(at(0));
      expect(box().scrollTop).to.equal(0);
      const stops = rows().filter((row) => row.tabIndex === 0);
      expect(stops.map(titleOf)).to.deep.equal([at(0)]);
    });

    it('bring the row that has focus into view, and never scroll it out of the document', async () => {
      await show(incidents(500));
      rows()[0]?.focus();
      for (let step = 0; step < 30; step++) press('j');
      expect(shown().map(titleOf)).to.contain(focused());
      const title = focused();
      await scrollTo(20_000);
      expect(focused()).to.equal(title);
      press('j');
      expect(shown().map(titleOf)).to.contain(focused());
      expect(focused()).to.equal(host.feed.incidents[31]?.title);
    });

    it('open, close, acknowledge and pause, and ask for a form', async () => {
      await show(incidents(10));
      rows()[1]?.focus();
      const { id } = host.feed.incidents[1] ?? { id: '' };
      press('a');
      await waitFor(() => host.feed.calls.includes(`acknowledge ${id}`), 'it is acknowledged');
      press('Enter');
      await waitFor(() => rows()[1]?.querySelector('.expander[aria-expanded=true]'), 'it is open');
      press('Escape');
      await waitFor(() => !find('.expander[aria-expanded=true]'), 'it is closed');
      press('c');
      await waitFor(() => rows()[1]?.querySelector('form textarea'), 'the form of a comment');
      await waitFor(() => host.shadowRoot?.activeElement?.matches('textarea'), 'it has focus');
      // Letters are for writing there.
      press('p');
      expect(host.paused).to.equal(false);
      rows()[1]?.focus();
      press('p');
      expect(host.paused).to.equal(true);
      press('?');
      await waitFor(() => find('#help:popover-open kbd'), 'the list of keys');
      find('#help')?.hidePopover();
      rows()[1]?.focus();
      press('/');
      await waitFor(() => host.shadowRoot?.activeElement?.matches('[part=search]'), 'the search');
    });

    it('mean nothing outside of the list, and nothing with a modifier', async () => {
      await show(incidents(10));
      const pause = find('[part=pause]');
      pause?.focus();
      press('p', pause);
      press('a', pause);
      rows()[0]?.focus();
      host.shadowRoot?.activeElement?.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'p', ctrlKey: true, bubbles: true }),
      );
      expect(host.paused).to.equal(false);
      expect(host.feed.calls).to.deep.equal([]);
    });
  });

  describe('focus', () => {
    it('stays on its row when that changes, moves or gets neighbours', async () => {
      await show(incidents(40));
      const target = host.feed.incidents[3];
      rowOf(target)?.focus();
      host.feed.receive(incident(), incident());
      host.feed.update(target?.id ?? '', { severity: 'P0' });
      await frame();
      await frame();
      expect(focused()).to.equal(target?.title);
      host.groupBy = 'severity';
      await waitFor(() => find('.rows > .group:not(.probe)'), 'groups');
      expect(focused()).to.equal(target?.title);
    });

    it('stays in the list when the row goes, where no key acts on the incident that is now in its place', async () => {
      await show(incidents(40));
      const [, , one, two] = host.feed.incidents;
      rowOf(one)?.focus();
      host.feed.set({ incidents: host.feed.incidents.filter((other) => other !== one) });
      await waitFor(() => host.shadowRoot?.activeElement === box(), 'the list has focus');
      for (const key of ['a', 'r', 'e', 'c', 'Enter']) press(key);
      await frame();
      expect(host.feed.calls).to.deep.equal([]);
      expect(find('.row.open')).to.equal(null);
      press('j');
      expect(focused()).to.equal(two?.title);
      press('a');
      await waitFor(() => host.feed.calls.includes(`acknowledge ${two?.id}`), 'the reader went there');
    });

    it('comes back from a menu to where it was', async () => {
      await show(incidents(5));
      host.notify = ['sound'];
      await host.updateComplete;
      const target = host.feed.incidents[2];
      const close = async (menu: string) => {
        const opened = await waitFor(() => find(`#${menu}:popover-open`), 'the menu');
        expect(host.shadowRoot?.activeElement).to.equal(opened);
        opened.hidePopover();
        await waitFor(() => !opened.matches(':popover-open'), 'it is closed');
        await frame();
      };
      rowOf(target)?.focus();
      press('?');
      await close('help');
      expect(focused()).to.equal(target?.title);
      for (const tool of host.renderRoot.querySelectorAll<HTMLElement>('[part=tool]')) {
        tool.focus();
        tool.click();
        await close(tool.ariaLabel === 'Notifications' ? 'notify' : 'help');
        expect(host.shadowRoot?.activeElement).to.equal(tool);
      }
    });

    it('goes to the row when a button in it has done its work', async () => {
      await show(incidents(5));
      const target = host.feed.incidents[1];
      const button = rowOf(target)?.querySelector<HTMLElement>('.quick');
      rowOf(target)?.focus();
      button?.focus();
      button?.click();
      host.feed.update(target?.id ?? '', { phase: 'acknowledged', state: 'TRIAGED' });
      await waitFor(() => !button?.isConnected, 'the button goes');
      expect(host.shadowRoot?.activeElement).to.equal(rowOf(target));
    });
  });

  it('grows with its rows up to a limit, where nothing says how tall it is', async () => {
    host.style.height = '';
    await show(incidents(3));
    await frame();
    const short = host.offsetHeight;
    expect(short).to.be.below(450);
    host.feed.receive(...incidents(100));
    await waitFor(() => host.offsetHeight > short, 'it grows');
    expect(host.offsetHeight).to.be.below(700);
    expect(box().scrollHeight).to.be.above(5_000);
  });
});
