import { expect } from '@open-wc/testing';
import type { XiansIncidentSelectedEvent } from '../../src/elements/feed-events.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import type { IncidentDetails } from '../../src/protocol/incident.ts';
import { waitFor } from '../support/wait.ts';
import { incident, incidents, ShownFeedHost } from './shown-feed.ts';

describe('an open incident', () => {
  let host: ShownFeedHost;

  beforeEach(() => {
    host = new ShownFeedHost();
    host.style.height = '700px';
  });

  afterEach(() => {
    host.remove();
    history.replaceState(undefined, '', location.pathname + location.search);
  });

  const find = (selector: string) => host.renderRoot.querySelector<HTMLElement>(selector);
  const all = (selector: string) => [...host.renderRoot.querySelectorAll<HTMLElement>(selector)];
  const button = (name: string) => all('button').find(({ textContent }) => textContent.trim() === name);
  const first = () => host.feed.incidents[0] ?? incident();
  const focused = () => host.shadowRoot?.activeElement;

  async function show(list = incidents(5)): Promise<void> {
    host.feed.incidents = list;
    document.body.append(host);
    await waitFor(() => find('article'), 'rows');
  }

  async function open(): Promise<void> {
    await show();
    find('article .expander')?.click();
    await waitFor(() => find('[part=timeline]'), 'the timeline');
  }

  it('shows everything about it, below its row, and tells the page', async () => {
    const selected: string[] = [];
    host.addEventListener('xians-incident-selected', (event: XiansIncidentSelectedEvent) =>
      selected.push(event.incident.id),
    );
    host.feed.detailing = (id) =>
      Promise.resolve({
        incident: incident({ id, description: 'All of the description.' }),
        timeline: [{ at: Date.now(), type: 'COMMENT_ADDED', actor: 'jane', description: '' }],
        resolution: { at: Date.now(), by: 'bob', method: 'MANUAL', notes: 'Restarted.', rootCause: 'Leak' },
        labels: [{ key: 'team', value: 'core' }],
      });
    await open();
    expect(selected).to.deep.equal([first().id]);
    const text = find('article [part=details]')?.textContent.replace(/\s+/g, ' ');
    for (const part of [
      'All of the description.',
      'jane Comment added',
      'By hand, by bob',
      'Leak',
      'team: core',
    ]) {
      expect(text).to.contain(part);
    }
    await expect(host).to.be.accessible();
    // Below it, the others go on where it ends.
    const [one, two] = all('article').map((row) => row.getBoundingClientRect());
    await waitFor(
      () =>
        Math.abs(
          (all('article')[1]?.getBoundingClientRect().top ?? 0) -
            (all('article')[0]?.getBoundingClientRect().bottom ?? 0),
        ) < 1,
      'no overlap',
    );
    expect(one && two).to.exist;
  });

  it('is one at a time', async () => {
    await open();
    all('article .expander')[2]?.click();
    await waitFor(() => all('[aria-expanded=true].expander').length === 1, 'one is open');
    expect(all('article')[2]?.querySelector('[part=details]')).to.exist;
  });

  it('says when the rest cannot be read, and tries again', async () => {
    host.feed.detailing = () => Promise.reject(new RealtimeError('network', 'The server cannot be reached.'));
    await show();
    find('article .expander')?.click();
    await waitFor(
      () => /could not be loaded.+cannot be reached/s.test(find('.failed')?.textContent ?? ''),
      'why',
    );
    await expect(host).to.be.accessible();
    host.feed.detailing = (id) =>
      Promise.resolve({ incident: incident({ id }), timeline: [], resolution: undefined, labels: [] });
    button('Try again')?.click();
    await waitFor(() => /Nothing has been written/.test(find('.details')?.textContent ?? ''), 'it was read');
  });

  it('says that a server does not tell the history', async () => {
    const { capabilities } = host.feed.status;
    if (capabilities)
      host.feed.status = { ...host.feed.status, capabilities: { ...capabilities, timeline: false } };
    host.feed.detailing = (id) =>
      Promise.resolve({ incident: incident({ id }), timeline: undefined, resolution: undefined, labels: [] });
    await show();
    find('article .expander')?.click();
    await waitFor(() => /does not tell the history/.test(find('.details')?.textContent ?? ''), 'it says so');
  });

  it('reads it again when it has changed, and drops an answer that comes too late', async () => {
    await open();
    const answers: ((details: IncidentDetails) => void)[] = [];
    host.feed.detailing = () => new Promise((resolve) => answers.push(resolve));
    host.feed.update(first().id, { state: 'TRIAGED' });
    await waitFor(() => answers.length === 1, 'it is read again');
    all('article .expander')[1]?.click();
    await waitFor(() => answers.length === 2, 'another one');
    const labels = [{ key: 'late', value: 'answer' }];
    answers[0]?.({ incident: first(), timeline: [], resolution: undefined, labels });
    answers[1]?.({ incident: first(), timeline: [], resolution: undefined, labels: [] });
    await waitFor(() => /Nothing has been written/.test(find('.details')?.textContent ?? ''), 'its own');
    expect(find('.details')?.textContent).not.to.contain('late');
  });

  it('keeps what is written in a form while rows come and go and it is out of sight', async () => {
    await show(incidents(300));
    find('article .expander')?.click();
    await waitFor(() => button('Comment'), 'the actions');
    button('Comment')?.click();
    const field = await waitFor(() => find('form textarea') as HTMLTextAreaElement | null, 'the form');
    await waitFor(() => focused() === field, 'focus is in it');
    field.value = 'half a sentence';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    host.feed.receive(...incidents(40));
    const box = find('.scroller') as HTMLElement;
    box.scrollTop = 9_000;
    await waitFor(() => box.scrollTop === 9_000 && find('article'), 'it is out of sight');
    await host.updateComplete;
    expect(find('form textarea')).to.equal(field);
    expect(field.value).to.equal('half a sentence');
    expect(focused()).to.equal(field);
  });

  it('does what its forms say, and gives focus back', async () => {
    await open();
    button('Comment')?.click();
    const field = await waitFor(() => find('form textarea') as HTMLTextAreaElement | null, 'the form');
    await expect(host).to.be.accessible();
    field.value = 'Looking into it';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    find('form [type=submit]')?.click();
    await waitFor(() => host.feed.calls.includes(`comment ${first().id}`), 'it was asked for');
    await waitFor(() => !find('form'), 'the form closes');
    await waitFor(() => focused()?.textContent?.trim() === 'Comment', 'focus is back on the button');
  });

  it('keeps a form open that the server refused, with the reason', async () => {
    await open();
    host.feed.acting = () => Promise.reject(new RealtimeError('forbidden', 'Only the team may.'));
    button('Resolve')?.click();
    await waitFor(() => find('form'), 'the form');
    find('form [type=submit]')?.click();
    await waitFor(() => /Only the team may/.test(find('form')?.textContent ?? ''), 'the reason');
  });

  describe('stays with what is written in it', () => {
    const HALF = 'half a sentence';

    async function write(): Promise<HTMLTextAreaElement> {
      button('Comment')?.click();
      const field = await waitFor(() => find('form textarea') as HTMLTextAreaElement | null, 'the form');
      await waitFor(() => focused() === field, 'focus is in it');
      field.value = HALF;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      return field;
    }

    const leave: Readonly<Record<string, (id: string) => void>> = {
      'was resolved by others and left the filter': (id) => {
        host.feed.get = (one) =>
          one === id ? incident({ id, state: 'RESOLVED', phase: 'done' }) : undefined;
        host.feed.set({ incidents: host.feed.incidents.filter((one) => one.id !== id) });
      },
      'is not listed any more': (id) =>
        host.feed.set({ incidents: host.feed.incidents.filter((one) => one.id !== id) }),
      'went with all the others': () => host.feed.set({ incidents: [] }),
    };
    for (const [name, act] of Object.entries(leave)) {
      it(`when it ${name}`, async () => {
        await open();
        all('article .expander')[2]?.click();
        await waitFor(() => all('article')[2]?.querySelector('[part=timeline]'), 'the third one');
        const [, , third] = host.feed.incidents;
        const field = await write();
        act(third?.id ?? '');
        const mark = await waitFor(() => find('.left'), 'it says so');
        expect(mark.textContent).to.match(
          name.includes('resolved') ? /^Resolved meanwhile/ : /^No longer in/,
        );
        expect(find('form textarea') === field, 'the same field').to.equal(true);
        expect(field.value).to.equal(HALF);
        expect(focused() === field, 'focus').to.equal(true);
        await expect(host).to.be.accessible();
        find('.row.open .expander')?.click();
        await waitFor(() => !find('.row.open'), 'the reader closes it');
        expect(all('article').length).to.equal(host.feed.incidents.length);
      });
    }

    it('when it is closed and opened again', async () => {
      await open();
      await write();
      all('article .expander')[1]?.click();
      await waitFor(() => all('article')[1]?.querySelector('[part=timeline]'), 'another one is open');
      expect(find('form')).to.equal(null);
      find('article .expander')?.click();
      const field = await waitFor(() => find('form textarea') as HTMLTextAreaElement | null, 'the form');
      expect(field.value).to.equal(HALF);
      find('form [type=submit]')?.click();
      await waitFor(() => !find('form'), 'it is sent');
      find('article .expander')?.click();
      await waitFor(() => !find('.row.open'), 'it is closed');
      find('article .expander')?.click();
      await waitFor(() => find('[part=timeline]'), 'it is open again');
      expect(find('form')).to.equal(null);
    });
  });

  it('keeps focus when the button that opened a form is gone with what the form did', async () => {
    await open();
    host.feed.acting = ({ id }) => {
      host.feed.update(id, { state: 'RESOLVED', phase: 'done' });
      return Promise.resolve({ id: 'a', outcome: 'applied' });
    };
    button('Resolve')?.click();
    await waitFor(() => focused()?.matches('form textarea'), 'the form');
    find('form [type=submit]')?.click();
    await waitFor(() => !find('form'), 'the form closes');
    await waitFor(() => focused()?.matches('.row.open'), 'focus is on the row');
  });

  it('copies a link, Markdown and the id', async () => {
    const copied: string[] = [];
    const own = navigator.clipboard.writeText.bind(navigator.clipboard);
    navigator.clipboard.writeText = (text) => Promise.resolve(void copied.push(text));
    try {
      host.link = '/incidents/{id}?from=feed';
      await open();
      for (const name of ['Copy link', 'Copy as Markdown', 'Copy id']) {
        const count = copied.length;
        button(name)?.click();
        await waitFor(() => copied.length > count, name);
      }
      expect(copied[0]).to.equal(`${location.origin}/incidents/${first().id}?from=feed`);
      expect(copied[1]).to.contain(`### P2 medium\\: ${first().title}`);
      expect(copied[2]).to.equal(first().id);
      expect(find('a.link')?.getAttribute('href')).to.equal(copied[0]);
    } finally {
      navigator.clipboard.writeText = own;
    }
  });

  it('makes no link to anything but a page', async () => {
    host.link = 'javascript:alert({id})';
    await open();
    expect(find('a')).to.equal(null);
    expect(button('Copy link')).to.equal(undefined);
  });

  it('is the one that the address of the page is about', async () => {
    const list = incidents(400);
    history.replaceState(undefined, '', `#incident=${list[200]?.id}`);
    await show(list);
    await waitFor(() => find('.expander[aria-expanded=true]'), 'it is open');
    const row = find('.expander[aria-expanded=true]')?.closest('article');
    expect(row?.getAttribute('aria-posinset')).to.equal('201');
    await waitFor(
      () =>
        (row?.getBoundingClientRect().top ?? 0) < (find('.scroller')?.getBoundingClientRect().bottom ?? 0),
      'it shows',
    );
  });
});
