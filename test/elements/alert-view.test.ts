import { expect, fixture, html } from '@open-wc/testing';
import { waitFor } from '../support/wait.ts';
import { alert, type StatusHost } from './shown-client.ts';
import type { ViewHost } from './view-host.ts';
import './view-host.ts';

/** Pretends that somebody turned to another tab, or came back. */
function look(visible: boolean): void {
  Object.defineProperty(document, 'visibilityState', {
    configurable: true,
    value: visible ? 'visible' : 'hidden',
  });
  document.dispatchEvent(new Event('visibilitychange'));
}

const clean = (text: string | null | undefined) => text?.replace(/\s+/g, ' ').trim();

describe('system alerts', () => {
  let host: StatusHost;
  beforeEach(async () => (host = await fixture<StatusHost>(html`<test-status-host></test-status-host>`)));
  afterEach(() => Reflect.deleteProperty(document, 'visibilityState'));

  const find = (selector: string) => host.renderRoot.querySelector<HTMLElement>(selector);
  const words = () => clean(find('.alert-words')?.textContent);
  const close = () => find('[part=alert-dismiss]') as HTMLButtonElement;
  const polite = () => clean(find('.hush[role=status]')?.textContent);
  const urgent = () => clean(find('.hush[role=alert]')?.textContent);

  it('show nothing and load nothing while there are none', () => {
    expect(find('.alert') === null).to.equal(true);
    expect(find('[role=alert]') === null).to.equal(true);
  });

  it('name how grave they are, in word, shape and colour', async () => {
    const looks: string[] = [];
    for (const [severity, word] of [
      ['info', 'Notice'],
      ['warning', 'Warning'],
      ['critical', 'Important'],
    ] as const) {
      host.shown.tellAlerts(alert({ severity, title: 'Work on the system', text: 'Tonight at ten.' }));
      await waitFor(() => words()?.startsWith(`${word}: Work on the system Tonight at ten.`), word);
      const box = find('.alert')!;
      looks.push(getComputedStyle(box).borderInlineStartColor, box.querySelector('path')!.outerHTML);
      await expect(host).to.be.accessible();
    }
    expect(new Set(looks).size).to.equal(6);
  });

  it('come one at a time, the gravest first, of those the newest, and can be gone through', async () => {
    const [old, recent] = [alert({ text: 'old' }), alert({ text: 'recent' })];
    host.shown.tellAlerts(alert({ severity: 'info', text: 'note' }), old, recent);
    await waitFor(() => words()?.includes('recent'), 'the newest warning');
    expect(words()).to.contain('1 of 3');
    const next = find('.alert-more button')!;
    next.click();
    await host.updateComplete;
    expect(words()).to.match(/old.*2 of 3/);
    host.shown.tellAlerts(...host.shown.alerts, alert({ severity: 'critical', text: 'grave' }));
    await host.updateComplete;
    expect(words(), 'nothing is taken from under the eyes').to.match(/old.*3 of 4/);
  });

  it('are closed by a button with a name, for every tab, and leave focus in place', async () => {
    const [first, second] = [alert({ title: 'One' }), alert({ title: 'Two' })];
    host.shown.tellAlerts(first, second);
    await waitFor(() => close(), 'the alert');
    expect(close().getAttribute('aria-label')).to.equal('Dismiss: Two');
    expect(close().getBoundingClientRect().height).to.be.at.least(24);
    close().focus();
    close().click();
    close().click(); // the end of a double click
    await host.updateComplete;
    expect(host.shown.calls).to.deep.equal([`dismissAlert ${second.id}`]);
    expect(words()).to.contain('One').and.not.contain(' of ');
    expect(host.renderRoot instanceof ShadowRoot && host.renderRoot.activeElement === close()).to.equal(true);
    host.shown.tellAlerts();
    await host.updateComplete;
    expect(find('.alert') === null).to.equal(true);
    expect(document.activeElement === host).to.equal(true);
  });

  it('are read out once, grave ones at once, and by one element of the page', async () => {
    const grave = alert({ severity: 'critical', title: 'Outage', text: 'No orders.' });
    host.shown.tellAlerts(alert({ text: 'Slow today.' }), grave);
    await waitFor(() => urgent() === 'Important: Outage. No orders.', 'the grave one');
    await waitFor(() => polite() === 'Warning. Slow today.', 'the other');
    const other = document.createElement('test-status-host') as StatusHost;
    other.shown = host.shown;
    host.after(other);
    await waitFor(() => other.renderRoot?.querySelector('.alert'), 'a second element shows them');
    host.shown.tellAlerts(...host.shown.alerts, alert({ text: 'And one more.' }));
    await waitFor(() => polite()?.includes('And one more.'), 'a later one');
    expect(polite()).not.to.contain('Slow today');
    expect(clean(other.renderRoot.querySelector('[role=alert]')?.textContent)).to.equal('');
    other.remove();
  });

  it('keep quiet while the page is hidden, and speak when somebody looks again', async () => {
    host.shown.tellAlerts(alert({ text: 'before' }));
    await waitFor(() => polite() === 'Warning. before', 'the first');
    look(false);
    host.shown.tellAlerts(...host.shown.alerts, alert({ severity: 'critical', text: 'meanwhile' }));
    await host.updateComplete;
    expect(words()).to.contain('before').and.not.contain('of 2');
    expect(urgent()).to.equal('');
    look(true);
    await waitFor(() => words()?.includes('meanwhile'), 'it shows');
    await waitFor(() => urgent() === 'Important. meanwhile', 'it is read out');
  });

  it('go at once when they were closed in another tab, also while the page is hidden', async () => {
    host.shown.tellAlerts(alert());
    await waitFor(() => find('.alert'), 'the alert');
    look(false);
    host.shown.tellAlerts();
    await host.updateComplete;
    expect(find('.alert') === null).to.equal(true);
  });

  it('have no place in a dot', async () => {
    host.display = 'dot';
    host.shown.tellAlerts(alert());
    await host.updateComplete;
    expect(find('.alert') === null).to.equal(true);
  });

  it('draw what they say as text', async () => {
    host.shown.tellAlerts(alert({ title: '<b>x</b>', text: '<img src=x onerror=alert(1)>' }));
    await waitFor(() => words()?.includes('<img src=x onerror=alert(1)>'), 'as it is written');
    expect(find('.alert img, .alert b') === null).to.equal(true);
  });

  it('stand above a conversation, and are not read out in a closed window', async () => {
    const chat = await fixture<ViewHost>(html`<test-view-host></test-view-host>`);
    const root = chat.renderRoot as ShadowRoot;
    chat.shown = false;
    const told = alert({ text: 'Tonight at ten.' });
    chat.alerts = [told];
    chat.requestUpdate();
    await waitFor(() => root.querySelector('.alert'), 'the alert');
    const spoken = () => root.querySelector('.alert ~ .hush[role=status]')?.textContent ?? '';
    host.shown.tellAlerts(alert({ text: 'Elsewhere.' }));
    await waitFor(() => polite() === 'Warning. Elsewhere.', 'what was told later elsewhere is read out');
    expect(spoken()).to.equal('');
    chat.shown = true;
    await waitFor(() => spoken().includes('Tonight at ten.'), 'it is read out');
    expect(root.querySelector('.alert')!.getBoundingClientRect().height).to.be.below(120);
    const below = root.querySelector('.alert')!.compareDocumentPosition(root.querySelector('.transcript')!);
    expect(below & Node.DOCUMENT_POSITION_FOLLOWING).to.be.greaterThan(0);
    await expect(chat).to.be.accessible();
    root.querySelector<HTMLElement>('[part=alert-dismiss]')!.click();
    await chat.updateComplete;
    expect(root.querySelector('.alert') === null).to.equal(true);
    expect(chat.calls).to.contain(`dismissAlert ${told.id}`);
  });
});
