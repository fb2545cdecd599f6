import { expect } from '@open-wc/testing';
import type { Message } from '../../src/protocol/types.ts';
import { waitFor } from '../support/wait.ts';
import { message, NOW, own, ViewHost } from './view-host.ts';

// What keeps a chat calm for who sees it and for who hears it: nothing jumps, nothing is said that need not be.

describe('a calm chat', () => {
  let host: ViewHost;

  beforeEach(() => {
    host = new ViewHost();
    host.style.cssText = 'display: block; block-size: 600px; inline-size: 390px';
    document.body.append(host);
  });
  afterEach(() => host.remove());

  const find = (selector: string) => host.renderRoot.querySelector<HTMLElement>(selector);
  const all = (selector: string) => [...host.renderRoot.querySelectorAll<HTMLElement>(selector)];
  const show = async (messages: readonly Message[], awaiting?: string) => {
    const awaitingReply = awaiting ? { requestId: awaiting, since: NOW, slow: false } : undefined;
    host.shownConversation.set({ messages, awaitingReply });
    await host.updateComplete;
  };
  const read = () => find('.window > .hush')?.textContent.trim();

  it('says that a reply is on its way when it takes long, and only then', async () => {
    await show([{ ...own('Hello?', 'sent'), requestId: 'q' }], 'q');
    expect(read()).to.equal('');
    await waitFor(read, 'it is said', 8_000);
    expect(read()).to.equal('Writing a reply…');
    await expect(host).to.be.accessible();
  }).timeout(10_000);

  it('shows who is writing where the reply will be', async () => {
    await show([{ ...own('Hello?', 'sent'), requestId: 'q' }], 'q');
    const place = (selector: string) => {
      const box = find(selector)?.getBoundingClientRect();
      return [box?.left, box?.top].map((part) => Math.round(part ?? NaN));
    };
    const before = [place('.awaiting .avatar'), place('.awaiting .name'), place('.typing')];
    await show([...host.shownConversation.messages, message({ requestId: 'q' })]);
    // The row of the question says "answered" by then; nothing of it may change its height.
    expect([place('.agent .avatar'), place('.agent .name'), place('.agent .bubble')]).to.deep.equal(before);
  });

  it('has the copy button below the bubble, or over its edge within a group', async () => {
    if (!navigator.clipboard) return;
    const [first, last] = [message({ text: 'First' }), message({ text: 'Last' })];
    await show([first, last, message({ type: 'Data', text: undefined, data: { total: 3 } })]);
    await waitFor(() => find('.fields'), 'data is shown');
    expect(all('.copy').map((button) => button.closest('.meta, .line')?.className)).to.deep.equal([
      'line',
      'line',
    ]);
    await show([first, own('Thanks', 'answered'), last]);
    expect(all('.copy').every((button) => button.closest('.meta'))).to.equal(true);
    const widths = all('.copy').map(({ clientWidth }) => clientWidth);
    expect(Math.min(...widths)).to.be.at.least(24);
    expect(find('.transcript')?.scrollWidth).to.equal(find('.transcript')?.clientWidth);
    await expect(host).to.be.accessible();
  });

  it('has one live region for all of its cards', async () => {
    const data = { type: 'card', title: 'Sensor', actions: [{ label: 'Buy', text: 'Buy it' }] };
    const table = { type: 'table', title: 'Bills', columns: ['a'], rows: [[1], [2]] };
    const approval = { type: 'approval', title: 'Refund?' };
    const parts = [data, table, approval];
    await show(parts.map((part) => message({ type: 'Data', text: undefined, data: part })));
    await waitFor(() => find('.data-card') && find('table'), 'they are drawn');
    const regions = all('.transcript :is([role="alert"], [role="status"], [aria-live])');
    expect(regions.map(({ outerHTML }) => outerHTML)).to.deep.equal([]);
  });

  it('keeps its header as high with long words as with short ones', async () => {
    await show([]);
    const height = find('.header')?.offsetHeight;
    host.style.inlineSize = '260px';
    host.status = { ...host.status, state: 'degraded', reason: 'transport-lost', channel: 'sse' };
    host.requestUpdate();
    await waitFor(() => find('.status')?.textContent.trim() !== 'Connected', 'it says so');
    expect(find('.header')?.offsetHeight).to.equal(height);
    expect(find('.status')?.title).to.equal(find('.status')?.textContent.trim());
  });
});
