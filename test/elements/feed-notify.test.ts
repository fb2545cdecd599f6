import { expect } from '@open-wc/testing';
import { waitFor } from '../support/wait.ts';
import { incident, incidents, ShownFeedHost } from './shown-feed.ts';

const KEY = 'xians-feed-notify';

/** What a page has of the Notification API. */
class FakeNotification {
  static permission: NotificationPermission = 'default';
  static answer: NotificationPermission = 'granted';
  static asked = 0;
  static made: { title: string; tag: string | undefined; body: string | undefined }[] = [];
  onclick: unknown;
  onclose: unknown;

  constructor(title: string, { tag, body }: NotificationOptions = {}) {
    FakeNotification.made.push({ title, tag, body });
  }

  static requestPermission(): Promise<NotificationPermission> {
    FakeNotification.asked++;
    FakeNotification.permission = FakeNotification.answer;
    return Promise.resolve(FakeNotification.answer);
  }

  close(): void {
    this.onclose = undefined;
  }
}

describe('notifications of a feed', () => {
  let host: ShownFeedHost;
  const own = { Notification: window.Notification, AudioContext: window.AudioContext };
  let sounds = 0;

  beforeEach(async () => {
    localStorage.removeItem(KEY);
    document.title = 'Page';
    sounds = 0;
    Object.assign(FakeNotification, { permission: 'default', answer: 'granted', asked: 0, made: [] });
    Object.assign(window, {
      Notification: FakeNotification,
      AudioContext: class extends own.AudioContext {
        constructor() {
          super();
          sounds++;
        }
      },
    });
    host = new ShownFeedHost();
    host.notify = ['sound', 'title', 'desktop'];
    host.feed.incidents = incidents(3);
    document.body.append(host);
    await waitFor(() => find('article'), 'rows');
  });

  afterEach(() => {
    host.remove();
    setHidden(false);
    Object.assign(window, own);
    localStorage.removeItem(KEY);
  });

  const find = (selector: string) => host.renderRoot.querySelector<HTMLElement>(selector);
  const switches = () => [...host.renderRoot.querySelectorAll<HTMLInputElement>('#notify input')];
  const switchOf = (name: string) =>
    switches().find((one) => one.closest('label')?.textContent.includes(name)) as HTMLInputElement;
  const urgent = () => incident({ severity: 'P0', title: 'Checkout is down' });

  function setHidden(hidden: boolean): void {
    Reflect.deleteProperty(document, 'visibilityState');
    if (hidden) Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }

  async function openMenu(): Promise<void> {
    find('[aria-label=Notifications].tool')?.click();
    await waitFor(() => switches().length === 3, 'the choice');
  }

  it('are off until somebody switches them on: nothing is asked, played or kept', async () => {
    setHidden(true);
    host.feed.receive(urgent());
    setHidden(false);
    await openMenu();
    expect(switches().some(({ checked }) => checked)).to.equal(false);
    expect(FakeNotification.asked).to.equal(0);
    expect(sounds).to.equal(0);
    expect(document.title).to.equal('Page');
    expect(localStorage.getItem(KEY)).to.equal(null);
    await expect(host).to.be.accessible();
  });

  it('count in the title what came while the page was hidden, and take it back', async () => {
    await openMenu();
    switchOf('title').click();
    await waitFor(() => localStorage.getItem(KEY) === 'title', 'it is remembered');
    setHidden(true);
    host.feed.receive(urgent(), incident(), urgent());
    expect(document.title).to.equal('(2) Page');
    host.feed.receive(urgent());
    expect(document.title).to.equal('(3) Page');
    setHidden(false);
    expect(document.title).to.equal('Page');
    setHidden(true);
    host.feed.receive(urgent());
    host.remove();
    expect(document.title).to.equal('Page');
  });

  it('show on the desktop once allowed, one for each incident, only while the page is hidden', async () => {
    await openMenu();
    switchOf('Desktop').click();
    await waitFor(() => localStorage.getItem(KEY) === 'desktop', 'it was allowed');
    expect(FakeNotification.asked).to.equal(1);
    host.feed.receive(urgent());
    expect(FakeNotification.made).to.deep.equal([]);
    setHidden(true);
    const one = urgent();
    host.feed.receive(one, incident());
    expect(FakeNotification.made).to.deep.equal([
      { title: 'P0 critical: Checkout is down', tag: one.id, body: 'prometheus' },
    ]);
    host.feed.receive(urgent(), urgent(), urgent(), urgent());
    expect(FakeNotification.made.at(-1)?.title).to.equal('4 new incidents');
  });

  it('say so when the browser does not allow them, and stay off', async () => {
    FakeNotification.answer = 'denied';
    await openMenu();
    switchOf('Desktop').click();
    await waitFor(() => /does not allow/.test(find('#notify')?.textContent ?? ''), 'why');
    expect(switchOf('Desktop').checked).to.equal(false);
    expect(localStorage.getItem(KEY)).to.equal(null);
  });

  it('are remembered for the next page', async () => {
    await openMenu();
    switchOf('title').click();
    await waitFor(() => localStorage.getItem(KEY), 'it is remembered');
    host.remove();
    const other = new ShownFeedHost();
    other.notify = ['title'];
    other.feed.incidents = incidents(1);
    document.body.append(other);
    host = other;
    setHidden(false);
    await waitFor(() => find('article'), 'rows');
    await waitFor(() => {
      setHidden(true);
      host.feed.receive(urgent());
      const { title } = document;
      setHidden(false);
      return title.startsWith('(');
    }, 'it counts');
  });
});
