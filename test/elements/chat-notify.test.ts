import { expect } from '@open-wc/testing';
import { countInTitle } from '../../src/elements/attention.ts';
import { chatNotify, type ChatNotify, type NotifyHost } from '../../src/elements/chat-notify.ts';
import { ENGLISH } from '../../src/elements/language.ts';
import { VisibleArea } from '../../src/elements/visible-area.ts';
import { forgetVisitor, recall } from '../../src/queue/visitor-memory.ts';
import { waitFor } from '../support/wait.ts';
import { message, own, ViewHost } from './view-host.ts';

/** What a page has of the Notification API. */
class FakeNotification {
  static permission: NotificationPermission = 'default';
  static answer: NotificationPermission = 'granted';
  static made: (NotificationOptions & { title: string; onclick?: () => void })[] = [];
  onclick?: () => void;
  onclose?: () => void;

  constructor(title: string, options: NotificationOptions) {
    FakeNotification.made.push(Object.assign(this, { title }, options));
  }

  static requestPermission(): Promise<NotificationPermission> {
    return Promise.resolve((FakeNotification.permission = FakeNotification.answer));
  }

  close(): void {
    this.onclose?.();
  }
}

function setHidden(isHidden: boolean): void {
  Object.defineProperty(document, 'visibilityState', {
    configurable: true,
    value: isHidden ? 'hidden' : 'visible',
  });
  document.dispatchEvent(new Event('visibilitychange'));
}

describe('telling who looks elsewhere of a chat', () => {
  const real = { Notification: window.Notification, AudioContext: window.AudioContext };
  let host: ViewHost & { notify?: string; consentNeeded: boolean };
  let notify: ChatNotify;
  let sounds: number;

  beforeEach(() => {
    forgetVisitor(localStorage);
    document.title = 'A shop';
    sounds = 0;
    Object.assign(FakeNotification, { permission: 'default', answer: 'granted', made: [] });
    Object.assign(window, {
      Notification: FakeNotification,
      AudioContext: class extends real.AudioContext {
        constructor() {
          super();
          sounds++;
        }
      },
    });
    host = new ViewHost();
    host.notify = 'title sound desktop';
    host.language = ENGLISH;
    document.body.append(host);
    notify = chatNotify(host);
  });
  afterEach(() => {
    host.remove();
    notify.rest();
    setHidden(false);
    Object.assign(window, real);
  });

  it('counts replies in the title of a hidden page, beside what others count, and takes that back', () => {
    notify.tell(message({}));
    expect(document.title, 'somebody looks').to.equal('A shop');
    setHidden(true);
    notify.tell(own('mine', 'sent'));
    notify.tell(message({ type: 'Tool' }));
    expect(document.title, 'no reply').to.equal('A shop');
    notify.tell(message({}));
    notify.tell(message({}));
    expect(document.title).to.equal('(2) A shop');
    const feed = {};
    countInTitle(feed, 3);
    expect(document.title).to.equal('(5) A shop');
    setHidden(false);
    expect(document.title).to.equal('(3) A shop');
    document.title = 'Another page';
    countInTitle(feed, 0);
    expect(document.title).to.equal('Another page');
  });

  it('shows nothing on the desktop before the visitor has said so, and then not what was written', async () => {
    setHidden(true);
    notify.tell(message({ text: 'your password is 1234' }));
    expect(notify.isOn('desktop')).to.equal(false);
    expect(await notify.choose('desktop', true)).to.equal(undefined);
    notify.tell(message({ text: 'your password is 1234', id: 'm1' }));
    await waitFor(() => FakeNotification.made.length, 'a notification');
    const [note] = FakeNotification.made;
    expect(note).to.include({ title: 'Support Agent', body: 'New message', tag: 'xians-m1' });
    expect(recall('notify')).to.equal('desktop=on');
  });

  it('opens the window at a click on it', async () => {
    let shown = 0;
    Object.assign(host satisfies NotifyHost, { show: () => shown++ });
    await notify.choose('desktop', true);
    setHidden(true);
    notify.tell(message({}));
    const note = await waitFor(() => FakeNotification.made[0], 'a notification');
    note.onclick?.();
    expect(shown).to.equal(1);
  });

  it('says why the desktop cannot be, and stays off', async () => {
    FakeNotification.answer = 'denied';
    expect(await notify.choose('desktop', true)).to.contain('does not allow');
    expect(notify.isOn('desktop')).to.equal(false);
  });

  it('is silent once the visitor says so, for the next page too, but keeps nothing without consent', async () => {
    await notify.choose('sound', true);
    expect(sounds, 'so that the visitor knows it').to.equal(1);
    await notify.choose('sound', false);
    expect(recall('notify')).to.equal('sound=off');
    setHidden(true);
    notify.tell(message({}));
    expect(sounds).to.equal(1);
    const next = new ViewHost();
    Object.assign(next, { notify: 'sound', language: ENGLISH });
    expect(chatNotify(next).isOn('sound')).to.equal(false);
    forgetVisitor(localStorage);
    host.consentNeeded = true;
    await notify.choose('title', false);
    expect(recall('notify')).to.equal(undefined);
  });

  it('offers only what the page does', () => {
    host.notify = 'title, carrier-pigeon';
    expect(notify.offered).to.deep.equal(['title']);
    expect(notify.isOn('sound')).to.equal(false);
  });
});

describe('a window over the screen of a phone', () => {
  const real = Object.getOwnPropertyDescriptor(window, 'visualViewport');
  let seen: EventTarget & { height: number; offsetTop: number; scale: number };

  /** What can be seen of the page, as a phone tells it. */
  function see(part: Partial<typeof seen>): void {
    Object.assign(seen, part);
    seen.dispatchEvent(new Event('resize'));
  }

  beforeEach(() => {
    const height = document.documentElement.clientHeight;
    seen = Object.assign(new EventTarget(), { height, offsetTop: 0, scale: 1 });
    Object.defineProperty(window, 'visualViewport', { configurable: true, value: seen });
  });
  afterEach(() => {
    if (real) Object.defineProperty(window, 'visualViewport', real);
  });

  it('stands above the keyboard, moves with what is seen, and ignores who zooms in', () => {
    const element = document.createElement('section');
    const area = new VisibleArea();
    area.follow(element);
    expect(element.style.blockSize, 'no keyboard').to.equal('');
    see({ height: 300, offsetTop: 40 });
    expect(element.style.blockSize).to.equal('300px');
    expect(element.style.insetBlock).to.equal('40px auto');
    see({ scale: 2 });
    expect(element.style.blockSize, 'zoomed').to.equal('');
    see({ scale: 1 });
    area.follow(undefined);
    expect(element.getAttribute('style')).to.equal('');
    see({ height: 200 });
    expect(element.style.blockSize, 'nobody follows').to.equal('');
  });
});
