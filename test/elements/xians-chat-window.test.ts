import { expect, fixture, html, oneEvent } from '@open-wc/testing';
import { sendKeys, sendMouse, setViewport } from '@web/test-runner-commands';
import '../../src/index.ts';
import { forgetVisitor, recall, remember } from '../../src/queue/visitor-memory.ts';
import type { XiansErrorEvent } from '../../src/elements/events.ts';
import type { XiansChat } from '../../src/elements/xians-chat.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { API_KEY, expectAccessible, newVisitor, WORKFLOW } from './support.ts';

const OPEN = `open:${WORKFLOW}`;

/** The middle of `element`, where a mouse would press it. */
function middleOf(element: Element): [number, number] {
  const { left, top, width, height } = element.getBoundingClientRect();
  return [Math.round(left + width / 2), Math.round(top + height / 2)];
}

/** A press that counts as one of the visitor. */
const press = (element: Element) => sendMouse({ type: 'click', position: middleOf(element) });

describe('around the window of xians-chat', () => {
  let server: TestServer;

  beforeEach(async () => {
    await setViewport({ width: 1000, height: 700 });
    forgetVisitor(localStorage);
    server = await startServer({ agentDelayMs: 20 });
  });
  afterEach(() => server.stop());

  /** A chat with what `options` say. */
  async function mount(options: Partial<XiansChat> = {}): Promise<XiansChat> {
    const chat = await fixture<XiansChat>(html`
      <xians-chat
        display="bubble"
        server-url=${server.url}
        tenant-id="acme"
        participant-id=${newVisitor()}
        api-key=${API_KEY}
        workflow=${WORKFLOW}
      ></xians-chat>
    `);
    Object.assign(chat, options);
    await chat.updateComplete;
    return chat;
  }

  const find = (chat: XiansChat, selector: string) => chat.shadowRoot!.querySelector<HTMLElement>(selector)!;
  const fieldOf = (chat: XiansChat) => chat.shadowRoot!.querySelector('textarea')!;
  const launcherOf = (chat: XiansChat) => find(chat, '.launcher');
  const loaded = (chat: XiansChat) => waitFor(() => find(chat, '.window textarea'), 'the window');
  const live = (chat: XiansChat) => waitFor(() => chat.client?.state === 'live', 'the client is live');

  /** Opens the window, closes it again, and has an agent answer meanwhile. */
  async function answered(chat: XiansChat, text = 'Hello'): Promise<void> {
    chat.show();
    await loaded(chat);
    await live(chat);
    chat.hide();
    await chat.updateComplete;
    await chat.send(text);
    await waitFor(() => chat.conversation!.unread > 0, 'an answer that nobody has seen');
  }

  describe('the count on the button', () => {
    it('tells what arrived while the window was closed, in its name too, until it opens', async () => {
      const chat = await mount({ heading: 'Help' });
      await answered(chat);
      const badge = await waitFor(() => find(chat, '.launcher .badge'), 'a count');
      expect(badge.textContent).to.equal('1');
      expect(launcherOf(chat).getAttribute('aria-label')).to.equal('Help, 1 new message');
      await expectAccessible(chat);
      chat.show();
      await waitFor(() => !find(chat, '.badge'), 'nothing to count');
      expect(launcherOf(chat).getAttribute('aria-label')).to.equal('Help');
    });

    it('needs no window of its own where something else has the client', async () => {
      const first = await mount();
      await answered(first);
      const second = await mount({ participantId: first.participantId });
      await waitFor(() => find(second, '.badge')?.textContent === '1', 'the same count');
      expect(find(second, '#window'), 'not loaded').to.equal(null);
    });
  });

  describe('the newest message beside the button', () => {
    it('shows without its Markdown, is read out once, and opens the window', async () => {
      const chat = await mount({ preview: true });
      await answered(chat, 'Can you show me a table?');
      const card = await waitFor(() => find(chat, '.preview'), 'a preview');
      expect(card.textContent).to.contain('Support Agent');
      expect(card.textContent).not.to.match(/[*`|]{2}/);
      expect(find(chat, '.heard').textContent).to.contain('New message from Support Agent: ');
      await expectAccessible(chat);
      find(chat, '.preview .read').click();
      await waitFor(() => chat.open && !find(chat, '.preview'), 'the window in its place');
    });

    it('goes when it is sent away, and comes with the next message', async () => {
      const chat = await mount({ preview: true });
      await answered(chat);
      (await waitFor(() => find(chat, '.preview .dismiss'), 'a preview')).click();
      await waitFor(() => !find(chat, '.preview'), 'it goes');
      expect(find(chat, '.badge').textContent).to.equal('1');
      expect(chat.shadowRoot!.activeElement).to.equal(launcherOf(chat));
      await chat.send('And another');
      await waitFor(() => find(chat, '.preview'), 'the next one');
    });
  });

  describe("the page's own buttons", () => {
    it('open and close the window, say so, and get focus back', async () => {
      const page = await fixture(html`<div><button class="help">Help</button></div>`);
      const button = page.querySelector('button')!;
      const chat = await mount({ launcher: '.help' });
      await waitFor(() => button.getAttribute('aria-expanded') === 'false', 'the button tells');
      expect(button.getAttribute('aria-haspopup')).to.equal('dialog');
      expect(launcherOf(chat)).to.equal(null);
      await press(button);
      await loaded(chat);
      expect(button.getAttribute('aria-expanded')).to.equal('true');
      await waitFor(() => chat.shadowRoot!.activeElement?.localName === 'textarea', 'focus in the field');
      await sendKeys({ press: 'Escape' });
      await waitFor(() => document.activeElement === button, 'focus on the button');
      expect(button.getAttribute('aria-expanded')).to.equal('false');
    });

    it('tell how much is unread, for the page to show', async () => {
      const page = await fixture(html`<div><button class="help">Help</button></div>`);
      const chat = await mount({ launcher: '.help' });
      await answered(chat);
      const button = page.querySelector('button')!;
      await waitFor(() => button.dataset.unread === '1', 'the count');
      chat.show();
      await waitFor(() => button.dataset.unread === undefined, 'nothing unread');
    });

    it('may come later, and are left as they were', async () => {
      const page = await fixture(html`<div></div>`);
      const chat = await mount({ launcher: '.help' });
      page.innerHTML = '<a href="#nowhere" class="help" aria-haspopup="menu">Help</a>';
      const link = page.querySelector('a')!;
      await waitFor(() => link.getAttribute('aria-expanded') === 'false', 'the link tells');
      link.click();
      expect(chat.open).to.equal(true);
      expect(location.hash).not.to.equal('#nowhere');
      chat.remove();
      expect(link.getAttribute('aria-haspopup')).to.equal('menu');
      expect(link.hasAttribute('aria-expanded')).to.equal(false);
      link.addEventListener('click', (event) => event.preventDefault());
      link.click();
      expect(link.hasAttribute('aria-expanded')).to.equal(false);
    });

    it('cannot be found by what is no selector, which is told', async () => {
      const chat = await mount();
      chat.launcher = '<button>';
      const { error } = await oneEvent<XiansErrorEvent>(chat, 'xians-error');
      expect(error.code).to.equal('input');
      expect(error.message).to.contain('launcher');
      const button = await waitFor(() => launcherOf(chat), 'the chat keeps its own button');
      button.click();
      expect(chat.open).to.equal(true);
      chat.launcher = '.nobody';
      await waitFor(() => !launcherOf(chat), 'the page may have one');
    });
  });

  describe('remember-open', () => {
    it('opens the window on the next page, without taking focus', async () => {
      const first = await mount({ rememberOpen: true });
      await waitFor(() => launcherOf(first), 'a button');
      await press(launcherOf(first));
      await loaded(first);
      await waitFor(() => recall(OPEN) !== undefined, 'it is remembered');
      first.remove();
      (document.activeElement as HTMLElement | null)?.blur();
      const second = await mount({ rememberOpen: true });
      await loaded(second);
      expect(second.open).to.equal(true);
      expect(document.activeElement).to.equal(document.body);
      await press(find(second, '[part~="close"]'));
      await waitFor(() => recall(OPEN) === undefined, 'it is forgotten');
    });

    it('asks nothing of the storage before the page may connect, and opens when it may', async () => {
      remember(OPEN, '');
      const chat = await mount({ rememberOpen: true, preview: true, consent: false });
      await waitFor(() => find(chat, '.heard'), 'what works outside of the window');
      expect(chat.consentNeeded).to.equal(true);
      expect(chat.open).to.equal(false);
      chat.consent = true;
      await waitFor(() => chat.open, 'it opens');
    });

    it('leaves a small screen alone', async () => {
      await setViewport({ width: 390, height: 700 });
      remember(OPEN, '');
      const chat = await mount({ rememberOpen: true, preview: true });
      await waitFor(() => find(chat, '.heard'), 'what works outside of the window');
      expect(chat.open).to.equal(false);
    });

    it('is wiped on logout, with everything else that is remembered of the visitor', async () => {
      const chat = await mount();
      remember(OPEN, '');
      remember('size:bubble', '500x500');
      localStorage.setItem('of-the-page', '1');
      await chat.logout();
      expect([recall(OPEN), recall('size:bubble')]).to.deep.equal([undefined, undefined]);
      expect(localStorage.getItem('of-the-page')).to.equal('1');
      localStorage.removeItem('of-the-page');
    });
  });

  describe('resizable', () => {
    const sizeOf = (chat: XiansChat) => {
      const { width, height } = find(chat, '#window').getBoundingClientRect();
      return [Math.round(width), Math.round(height)];
    };
    const edge = (chat: XiansChat, side: string) =>
      waitFor(() => find(chat, `.edge-handle.${side}`), `the edge for the ${side}`);

    it('lets the keyboard move the edges, within bounds, and remembers it', async () => {
      const chat = await mount({ resizable: true });
      chat.show();
      await loaded(chat);
      const width = await edge(chat, 'width');
      const [before = 0, high = 0] = sizeOf(chat);
      await expectAccessible(chat);
      width.focus();
      await sendKeys({ press: 'ArrowLeft' });
      await waitFor(() => sizeOf(chat)[0] === before + 16, 'wider');
      expect(width.getAttribute('aria-valuenow')).to.equal(String(before + 16));
      await sendKeys({ press: 'Home' });
      await waitFor(() => sizeOf(chat)[0] === 300, 'least');
      (await edge(chat, 'height')).focus();
      await sendKeys({ press: 'ArrowDown' });
      await waitFor(() => sizeOf(chat)[1] === high - 16, 'lower');
      expect(recall('size:bubble')).to.equal(`300x${high - 16}`);
      chat.remove();

      const next = await mount({ resizable: true });
      next.show();
      await loaded(next);
      await waitFor(() => sizeOf(next)[0] === 300, 'as it was left');
      const again = await edge(next, 'width');
      again.dispatchEvent(new MouseEvent('dblclick'));
      await waitFor(() => sizeOf(next)[0] === before, 'as it comes');
      expect(recall('size:bubble')).to.equal(undefined);
    });

    it('follows the pointer from right to left, and takes a drag back on Escape', async () => {
      const chat = await mount({ resizable: true, display: 'panel' });
      document.documentElement.dir = 'rtl';
      try {
        chat.show();
        await loaded(chat);
        const [x, y] = middleOf(await edge(chat, 'width'));
        await waitFor(() => sizeOf(chat)[0] === 420, 'its own width');
        await sendMouse({ type: 'move', position: [x, y] });
        await sendMouse({ type: 'down' });
        await sendMouse({ type: 'move', position: [x + 100, y] });
        await waitFor(() => Math.abs(sizeOf(chat)[0]! - 520) < 8, 'as wide as the pointer says');
        await sendKeys({ press: 'Escape' });
        await waitFor(() => sizeOf(chat)[0] === 420, 'as it was');
        expect(chat.open).to.equal(true);
        await sendMouse({ type: 'up' });
        expect(recall('size:panel')).to.equal(undefined);
      } finally {
        document.documentElement.removeAttribute('dir');
      }
    });
  });

  describe('resizable, as wide as the page', () => {
    it('is made narrower by the same edge again, with pointer and keys', async () => {
      const chat = await mount({ resizable: true });
      chat.show();
      await loaded(chat);
      const edge = await waitFor(() => find(chat, '.edge-handle.width'), 'the edge');
      const width = () => Math.round(find(chat, '#window').getBoundingClientRect().width);
      const drag = async (to: number) => {
        const [x, y] = middleOf(edge);
        await sendMouse({ type: 'move', position: [x, y] });
        await sendMouse({ type: 'down' });
        await sendMouse({ type: 'move', position: [to, y] });
        await sendMouse({ type: 'up' });
      };
      await drag(5);
      await waitFor(() => width() === 960, 'all the room');
      await waitFor(() => edge.getAttribute('aria-valuemax') === '960', 'that is the most');
      await drag(122);
      await waitFor(() => Math.abs(width() - 860) < 8, `where the pointer went, not ${width()}`);
      await drag(5);
      await waitFor(() => width() === 960, 'all the room again');
      edge.focus();
      await sendKeys({ press: 'ArrowRight' });
      await waitFor(() => width() === 944, 'a step inward');
    });
  });

  describe('over a small screen', () => {
    it('keeps the page behind from scrolling, and leaves it as it was', async () => {
      const root = document.documentElement;
      await fixture(
        html`<div>
          <br />
          <p class="long">A page</p>
        </div>`,
      );
      const filler = document.createElement('div');
      filler.append(...Array.from({ length: 200 }, () => document.createElement('br')));
      document.body.append(filler);
      root.style.setProperty('overflow-y', 'auto');
      const before = root.getAttribute('style');
      await setViewport({ width: 390, height: 700 });
      window.scrollTo(0, 500);
      const chat = await mount();
      chat.show();
      await loaded(chat);
      await waitFor(() => getComputedStyle(root).overflowY === 'hidden', 'the page keeps still');
      expect(find(chat, '#window').getAttribute('aria-modal')).to.equal('true');
      await setViewport({ width: 1000, height: 700 });
      await waitFor(() => getComputedStyle(root).overflowY === 'auto', 'beside the page it may scroll');
      await setViewport({ width: 390, height: 700 });
      await waitFor(() => getComputedStyle(root).overflowY === 'hidden', 'still again');
      chat.hide();
      await waitFor(() => root.getAttribute('style') === before, 'as it was');
      expect(window.scrollY).to.equal(500);
      root.removeAttribute('style');
      filler.remove();
      await setViewport({ width: 1000, height: 700 });
    });
  });

  it('closes one thing after another on Escape: the menu, the search, the window', async () => {
    const chat = await mount();
    chat.show();
    await loaded(chat);
    const has = (selector: string) => () => Boolean(find(chat, selector));
    find(chat, '.header [aria-haspopup="menu"]').click();
    await waitFor(has('[role="menu"]'), 'the menu');
    await waitFor(() => chat.shadowRoot!.activeElement?.closest('[role="menu"]'), 'focus in it');
    await sendKeys({ press: 'Escape' });
    await waitFor(() => !has('[role="menu"]')(), 'no menu');
    expect(chat.open).to.equal(true);
    await sendKeys({ press: 'Escape' });
    await waitFor(() => !chat.open, 'the window closes');
  });

  it('says once that the visitor is signed out', async () => {
    const chat = await mount();
    chat.show();
    await loaded(chat);
    await live(chat);
    await chat.send('remember me');
    await waitFor(() => chat.conversation!.messages.length > 0, 'a message');
    await chat.logout();
    await waitFor(
      () =>
        [...chat.shadowRoot!.querySelectorAll('[role="status"]')].some((region) =>
          /signed out/.test(region.textContent),
        ),
      'words about it',
    );
    expect(find(chat, '.skeleton'), 'nothing is being loaded').to.equal(null);
  });

  it('keeps what was written and where the reader is when it becomes another display', async () => {
    const chat = await mount();
    chat.show();
    await loaded(chat);
    const element = find(chat, '#window');
    fieldOf(chat).focus();
    await sendKeys({ type: 'half a sentence' });
    for (const display of ['panel', 'inline', 'page', 'bubble'] as const) {
      chat.display = display;
      await chat.updateComplete;
      expect(find(chat, '#window'), display).to.equal(element);
      expect(fieldOf(chat).value, display).to.equal('half a sentence');
      expect(chat.shadowRoot!.activeElement?.localName, display).to.equal('textarea');
    }
  });
});
