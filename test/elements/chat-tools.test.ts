import { expect, fixture, html } from '@open-wc/testing';
import '../../src/index.ts';
import type { XiansTopicChangedEvent } from '../../src/elements/chat-events.ts';
import type { XiansChat } from '../../src/elements/xians-chat.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { expectAccessible, newVisitor, provided, WORKFLOW } from './support.ts';
import { message, own, type ViewHost } from './view-host.ts';

const ALL = 'search topics export print sound notifications delete';

type Chat = XiansChat | ViewHost;
const $ = (chat: Chat, selector: string) => chat.renderRoot.querySelector<HTMLElement>(selector);
const all = (chat: Chat, selector: string) => [...chat.renderRoot.querySelectorAll<HTMLElement>(selector)];
const there = (chat: Chat, selector: string) => waitFor(() => $(chat, selector), `${selector} is there`);
const gone = (chat: Chat, selector: string) => waitFor(() => !$(chat, selector), `${selector} is gone`);
const focused = (chat: Chat) => (chat.renderRoot as ShadowRoot).activeElement;

async function click(chat: Chat, selector: string): Promise<void> {
  (await there(chat, selector)).click();
  await chat.updateComplete;
}

async function choose(chat: Chat, label: string): Promise<void> {
  await click(chat, '.more');
  await there(chat, '[role=menu]');
  const item = all(chat, '[role^=menuitem]').find(({ textContent }) => textContent.includes(label));
  expect(item, label).not.to.equal(undefined);
  item!.click();
  await chat.updateComplete;
}

function press(target: Element, key: string, init: KeyboardEventInit = {}): boolean {
  return target.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true, ...init }),
  );
}

async function search(chat: Chat, text: string): Promise<HTMLInputElement> {
  if (!$(chat, '.search')) await click(chat, '.find');
  const field = (await there(chat, '.search input')) as HTMLInputElement;
  field.value = text;
  field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
  return field;
}
const says = (chat: Chat, text: string) =>
  waitFor(() => $(chat, '.places')?.textContent === text, `${text}, not ${$(chat, '.places')?.textContent}`);
const textHere = (chat: Chat) => $(chat, '[data-found=here] .bubble')?.textContent.trim();

describe('the tools of a chat', () => {
  let host: ViewHost;

  beforeEach(async () => {
    host = await fixture(html`<test-view-host></test-view-host>`);
  });

  async function shows(...texts: string[]): Promise<void> {
    host.shownConversation.set({
      messages: texts.map((text, i) => (i % 2 ? own(text, 'answered') : message({ text }))),
    });
    await waitFor(() => all(host, '.bubble').length === texts.length, 'the messages are drawn');
  }

  /** Older pages of one message each, that come when they are let through. The last one is the last in `texts`. */
  function older(...texts: string[]) {
    const { shownConversation } = host;
    const pages = { asked: 0, pass: undefined as (() => void) | undefined };
    const loadEarlier = async () => {
      if (shownConversation.loading) return;
      const text = texts[pages.asked++]!;
      shownConversation.set({ loading: 'earlier' });
      await new Promise<void>((resolve) => (pages.pass = resolve));
      const { messages } = shownConversation;
      shownConversation.set({
        messages: [message({ text, createdAt: messages[0]!.createdAt - 1 }), ...messages],
        hasEarlier: pages.asked < texts.length,
        loading: undefined,
      });
    };
    Object.assign(shownConversation, { loadEarlier });
    shownConversation.set({ hasEarlier: true });
    const pass = async (page: number) => {
      await waitFor(() => pages.asked === page && pages.pass, `page ${page} is asked for`);
      pages.pass!();
      pages.pass = undefined;
    };
    return { pages, pass };
  }

  describe('header', () => {
    it('offers what the page says, and no menu with nothing in it', async () => {
      const offers = async (tools: string | undefined) => {
        Object.assign(host, { tools });
        host.requestUpdate();
        await host.updateComplete;
        return [!!$(host, '.find'), !!$(host, '.more')];
      };
      expect(await offers(undefined)).to.deep.equal([true, true]);
      expect(await offers('')).to.deep.equal([false, false]);
      expect(await offers('search')).to.deep.equal([true, false]);
      expect(await offers('delete, print')).to.deep.equal([false, true]);
    });

    it('greys in the menu what an empty conversation has no use for', async () => {
      Object.assign(host, { tools: ALL });
      host.requestUpdate();
      await click(host, '.more');
      await there(host, '[role=menu]');
      const usable = all(host, '[role=menuitem]:not([aria-disabled])').map((item) => item.textContent.trim());
      expect(usable).to.deep.equal(['Topics']);
      await expectAccessible(host);
    });

    it('keeps the name of a topic to one line', async () => {
      Object.assign(host, { tools: ALL });
      host.style.cssText = 'display: block; inline-size: 320px';
      Object.assign(host.shownConversation, { topic: 'Orders' });
      host.shownConversation.set({});
      const height = (await waitFor(() => $(host, '.aside'), 'the topic')).offsetHeight;
      Object.assign(host.shownConversation, { topic: 'Orders and returns '.repeat(20) });
      host.shownConversation.set({});
      await waitFor(() => $(host, '.aside')!.textContent.length > 50, 'the other topic');
      expect($(host, '.aside')!.offsetHeight).to.equal(height);
      const header = $(host, '.header')!;
      expect(header.scrollWidth).to.equal(header.clientWidth);
    });

    it('names who answers after a handoff', async () => {
      Object.assign(host.shownConversation, {
        workflowId: 'acme:Triage Agent:Front Desk',
        activeWorkflow: 'Triage Agent:Front Desk',
      });
      host.shownConversation.set({});
      await host.updateComplete;
      expect($(host, '[part=answering]')).to.equal(null);
      Object.assign(host.shownConversation, { activeWorkflow: 'Billing Agent:Flow' });
      host.shownConversation.set({});
      await waitFor(
        () => $(host, '[part=answering]')?.textContent === 'Billing Agent answers',
        'who answers',
      );
    });
  });

  describe('search', () => {
    it('finds without case and accents, newest first, and goes round', async () => {
      await shows('A **café** there', 'nothing', 'CAFE too', 'the Café again');
      const field = await search(host, 'cafe');
      await says(host, '1 of 3');
      await waitFor(() => textHere(host) === 'the Café again', 'the newest is marked');
      press(field, 'Enter');
      await says(host, '2 of 3');
      press(field, 'Enter');
      await says(host, '3 of 3');
      await waitFor(() => textHere(host)?.includes('A café there'), 'the oldest is marked');
      press(field, 'Enter');
      await says(host, '1 of 3');
      press(field, 'Enter', { shiftKey: true });
      await says(host, '3 of 3');
      await expectAccessible(host);
    });

    it('marks the words across what is drawn, and changes nothing in the document', async () => {
      await shows('A **ca**fé there');
      await waitFor(() => $(host, '.rich strong'), 'Markdown is drawn');
      const before = $(host, '.bubble')!.innerHTML;
      await search(host, 'cafe t');
      await says(host, '1 of 1');
      await waitFor(() => CSS.highlights.get('xians-found-here')?.size === 1, 'one place is marked');
      const [range] = CSS.highlights.get('xians-found-here')! as unknown as Range[];
      expect(range!.toString().replace(/\s+/g, ' ')).to.equal('café t');
      expect($(host, '.bubble')!.innerHTML).to.equal(before);
      await click(host, '[aria-label="Close search"]');
      expect(CSS.highlights.get('xians-found-here')?.size).to.equal(0);
    });

    it('says that there is nothing, and how far that is true', async () => {
      await shows('One', 'Two');
      await search(host, 'zebra');
      await says(host, 'Nothing found');
      host.shownConversation.set({ hasEarlier: true });
      await says(host, 'Nothing found in what is loaded');
      await search(host, '  ');
      await says(host, '');
      await search(host, '<b>(.*)[');
      await says(host, 'Nothing found in what is loaded');
    });

    it('reads older messages until one has it, and stops where told to', async () => {
      await shows('One', 'Two');
      const { pages, pass } = older('page 1', 'the zebra', 'page 3', 'page 4');
      await search(host, 'zebra');
      await says(host, 'Nothing found in what is loaded');
      await click(host, '.reading .link');
      await waitFor(() => $(host, '.reading')?.textContent.includes('Searched back to Today'), 'progress');
      await expectAccessible(host);
      await pass(1);
      await pass(2);
      await says(host, '1 of 1');
      await waitFor(() => textHere(host) === 'the zebra', 'it is marked');

      await search(host, 'yak');
      await says(host, 'Nothing found in what is loaded');
      await click(host, '.reading .link');
      await waitFor(() => pages.asked === 3, 'a page is asked for');
      await click(host, '.reading .link');
      await pass(3);
      await waitFor(() => host.shownConversation.messages.length === 5, 'the page came');
      await waitFor(() => $(host, '.reading')?.textContent.includes('Search older messages'), 'it stopped');
    });

    it('opens with the key while focus is in the window, and leaves the second press to the browser', async () => {
      await shows('One');
      const field = $(host, 'textarea')!;
      field.focus();
      expect(press(field, 'f', { ctrlKey: true }), 'ours').to.equal(false);
      const input = await there(host, '.search input');
      await waitFor(() => focused(host) === input, 'the field has focus');
      expect(press(input, 'f', { ctrlKey: true }), "the browser's").to.equal(true);
      expect(press(document.body, 'f', { ctrlKey: true }), 'outside').to.equal(true);
    });

    it('gives place and focus back at Escape, and closes no window', async () => {
      host.style.display = 'block';
      host.style.blockSize = '400px';
      await shows(...Array.from({ length: 60 }, (_, i) => `line ${i}`));
      const box = $(host, '.transcript')!;
      const field = $(host, 'textarea')!;
      field.focus();
      const isAtEnd = () => box.scrollTop > 0 && box.scrollHeight - box.scrollTop - box.clientHeight < 2;
      await waitFor(isAtEnd, 'it is at the end');
      const before = box.scrollTop;
      press(field, 'f', { metaKey: true });
      const input = await search(host, 'line 3');
      await says(host, '1 of 11');
      press(input, 'Enter', { shiftKey: true });
      await waitFor(() => box.scrollTop < before - 100, 'it went up');
      expect(press(input, 'Escape'), 'taken').to.equal(false);
      await gone(host, '.search');
      expect(focused(host)).to.equal(field);
      await waitFor(isAtEnd, `the reader is back at the end: ${before}`);

      box.scrollTop = before / 2;
      const bubble = all(host, '.bubble').find((one) => one.getBoundingClientRect().top > 100)!;
      const { top } = bubble.getBoundingClientRect();
      await search(host, 'line 59');
      await says(host, '1 of 1');
      await waitFor(() => box.scrollTop > before - 100, 'it went down');
      press($(host, '.search input')!, 'Escape');
      await waitFor(() => Math.abs(bubble.getBoundingClientRect().top - top) < 2, 'the reader is back above');
      expect(host.calls).not.to.contain('hide');
    });
  });

  describe('export', () => {
    /** What is saved instead of a file on this machine. */
    async function saved(job: () => Promise<void>): Promise<[name: string, content: string]> {
      const files: [string, Blob][] = [];
      const { createObjectURL } = URL;
      const onClick = (event: Event) => {
        const link = event.target as HTMLAnchorElement;
        event.preventDefault();
        files[0]![0] = link.download;
      };
      URL.createObjectURL = (blob) => {
        files.push(['', blob as Blob]);
        return 'blob:none';
      };
      const { click: press } = HTMLAnchorElement.prototype;
      HTMLAnchorElement.prototype.click = function () {
        this.addEventListener('click', onClick);
        press.call(this);
      };
      try {
        await job();
        const [name, blob] = await waitFor(() => files.find(([name]) => name), 'a file is saved');
        return [name, await blob.text()];
      } finally {
        URL.createObjectURL = createObjectURL;
        HTMLAnchorElement.prototype.click = press;
      }
    }

    it('saves what is there, under the day', async () => {
      await shows('Hello **there**', 'Hi');
      const [name, text] = await saved(() => choose(host, 'Save as Markdown'));
      expect(name).to.match(/^conversation-\d{4}-\d\d-\d\d\.md$/);
      expect(text).to.match(/^\*\*Support Agent\*\* \(\d{4}-.*\)\n\nHello \*\*there\*\*\n\n\*\*You\*\* /);
      const [json, content] = await saved(() => choose(host, 'Save as JSON'));
      expect(json).to.match(/\.json$/);
      expect(JSON.parse(content)).to.have.length(2);
    });

    it('offers to load everything first, and can be stopped', async () => {
      await shows('Two', 'Three');
      const { pass } = older('One', 'Zero');
      await choose(host, 'Save as text');
      await waitFor(() => focused(host)?.textContent.includes('Load all first'), 'the offer has focus');
      expect($(host, '.exporting')?.textContent).to.contain('newest 2 messages');
      await expectAccessible(host);
      press(focused(host)!, 'Escape');
      await gone(host, '.exporting');
      expect(focused(host)).to.equal($(host, '.more'));

      const [, text] = await saved(async () => {
        await choose(host, 'Save as text');
        await click(host, '.exporting .all');
        await pass(1);
        await waitFor(() => $(host, '.exporting')?.textContent.includes('3 messages loaded'), 'progress');
        await pass(2);
      });
      expect(text.match(/Zero|One|Two|Three/g)).to.deep.equal(['Zero', 'One', 'Two', 'Three']);
    });

    it('keeps what is loaded when the rest cannot be had', async () => {
      await shows('Two');
      Object.assign(host.shownConversation, { loadEarlier: () => Promise.reject(new Error('no network')) });
      host.shownConversation.set({ hasEarlier: true });
      const [, text] = await saved(async () => {
        await choose(host, 'Save as text');
        await click(host, '.exporting .all');
        await waitFor(
          () => $(host, '.window')?.textContent.includes('Older messages could not be loaded'),
          'why',
        );
        await click(host, '.exporting .link:not(.all)');
      });
      expect(text).to.contain('Two');
    });

    it('prints a copy, and leaves the page as it was', async () => {
      await shows('Hello **there**', 'Hi');
      const { print } = window;
      const sheets = document.adoptedStyleSheets.length;
      const { title } = document;
      let printed: HTMLElement | null = null;
      window.print = () => {
        printed = document.querySelector('.xians-print');
        expect(getComputedStyle(printed!).display).to.equal('none');
        expect(document.adoptedStyleSheets.length).to.equal(sheets + 1);
        expect(document.title).to.match(/^Support, /);
      };
      try {
        await choose(host, 'Print');
        await waitFor(() => printed, 'it is printed');
      } finally {
        window.print = print;
      }
      const root = printed!.shadowRoot!;
      expect(root.querySelector('.rich strong')?.textContent).to.equal('there');
      expect([...root.querySelectorAll('bdi')].map((name) => name.textContent)).to.deep.equal([
        'Support Agent',
        'You',
      ]);
      window.dispatchEvent(new Event('afterprint'));
      expect(document.querySelector('.xians-print')).to.equal(null);
      expect([document.adoptedStyleSheets.length, document.title]).to.deep.equal([sheets, title]);
    });
  });

  describe('deletion', () => {
    let deleting: () => Promise<void>;
    let deletions: number;
    const { now } = performance;

    beforeEach(async () => {
      deletions = 0;
      deleting = () => Promise.resolve();
      Object.assign(host, { tools: ALL });
      Object.assign(host.shownConversation, {
        delete: () => {
          deletions++;
          return deleting();
        },
      });
      host.requestUpdate();
      await shows('One', 'Two');
      await choose(host, 'Delete conversation');
      await waitFor(() => focused(host)?.textContent === 'Cancel', 'the safe answer has focus');
    });
    afterEach(() => {
      performance.now = now;
    });
    const laterBy = (ms: number) => {
      performance.now = () => now.call(performance) + ms;
    };

    it('asks first, with the rest of the window out of reach', async () => {
      expect($(host, '[role=alertdialog]')?.textContent).to.contain('Other devices');
      expect($(host, '.header')?.matches('[inert]')).to.equal(true);
      expect($(host, '.composer')?.closest('[inert]')).not.to.equal(null);
      await expectAccessible(host);
      press(focused(host)!, 'Escape');
      await gone(host, '[role=alertdialog]');
      expect(all(host, '[inert]')).to.deep.equal([]);
      expect(focused(host)).to.equal($(host, '.more'));
      expect(deletions).to.equal(0);
    });

    it('keeps Tab inside, and hears Escape when nothing has focus', async () => {
      const [first, last] = all(host, '[role=alertdialog] button');
      await waitFor(() => focused(host) === first, 'it has focus');
      expect(press(first!, 'Tab', { shiftKey: true }), 'to the last').to.equal(false);
      expect(focused(host)).to.equal(last);
      expect(press(last!, 'Tab'), 'to the first').to.equal(false);
      expect(focused(host)).to.equal(first);
      expect(press(first!, 'Tab'), 'as the browser does').to.equal(true);
      first!.blur();
      expect(press(document.body, 'Escape')).to.equal(false);
      await gone(host, '[role=alertdialog]');
      expect(focused(host)).to.equal($(host, '.more'));
      expect(press(document.body, 'Escape'), 'nothing is left to dismiss').to.equal(true);
    });

    it('can be taken back while the bar runs', async () => {
      await click(host, '.strong.danger');
      await waitFor(() => focused(host)?.textContent.trim() === 'Undo', 'undo has focus');
      expect($(host, '.left')?.textContent.trim()).to.match(/^[78] seconds left$/);
      await expectAccessible(host);
      await click(host, '.strong');
      await gone(host, '[role=alertdialog]');
      laterBy(20_000);
      host.requestUpdate();
      await host.updateComplete;
      expect(deletions).to.equal(0);
    });

    it('happens when the time is up', async () => {
      await click(host, '.strong.danger');
      laterBy(9_000);
      await waitFor(() => deletions === 1, 'it is deleted');
      await gone(host, '[role=alertdialog]');
    });

    it('says when it failed, and shows the conversation again', async () => {
      deleting = () => Promise.reject(new Error('no'));
      await click(host, '.strong.danger');
      laterBy(9_000);
      await gone(host, '[role=alertdialog]');
      await waitFor(() => $(host, '.banner')?.textContent.includes('could not be deleted'), 'why');
      const heard = () => $(host, '.hush[role=status]')?.textContent.trim();
      await waitFor(() => heard() === '', `nothing is said to be deleted, not ${heard()}`);
      expect(all(host, '.bubble')).to.have.length(2);
    });

    it('does not happen once the page is left, or the element is gone', async () => {
      await click(host, '.strong.danger');
      window.dispatchEvent(new Event('pagehide'));
      await gone(host, '[role=alertdialog]');
      await choose(host, 'Delete conversation');
      await click(host, '.strong.danger');
      host.remove();
      laterBy(20_000);
      document.body.append(host);
      await host.updateComplete;
      expect($(host, '[role=alertdialog]')).to.equal(null);
      expect(deletions).to.equal(0);
      host.remove();
    });
  });

  describe('topics', () => {
    let server: TestServer;
    let visitor: string;
    let chat: XiansChat;

    beforeEach(async () => {
      server = await startServer({ agentDelayMs: 20 });
      visitor = newVisitor();
      const provider = await fixture(
        provided(server, html`<xians-chat workflow=${WORKFLOW} tools=${ALL}></xians-chat>`, visitor),
      );
      chat = provider.querySelector('xians-chat')!;
      await waitFor(() => chat.client?.state === 'live' && $(chat, 'textarea'), 'the chat is live');
    });
    afterEach(() => server.stop());

    const publish = (text: string, scope?: string) =>
      server.control({ fault: 'publish', workflow: WORKFLOW, participantId: visitor, text, scope });
    /** What comes from now on is on the list. */
    const known = async () => {
      const list = await chat.client!.topics(WORKFLOW);
      await waitFor(() => (list as unknown as { listeners: number }).listeners > 0, 'somebody listens');
    };
    const said = () =>
      all(chat, '.hush[role=status]')
        .map(({ textContent }) => textContent)
        .join();
    const rows = () =>
      all(chat, '.topic').map((row) => [
        row.querySelector('.topic-name')?.textContent,
        row.querySelector('.excerpt')?.textContent.trim(),
        row.querySelector('.topic-news')?.textContent,
      ]);

    it('lists what came by, and goes to one', async () => {
      await choose(chat, 'Topics');
      await waitFor(() => rows().length === 1, 'the default topic is there');
      expect(rows()).to.deep.equal([['General', 'Nothing has been written yet.', undefined]]);
      await publish('Your **invoice** is ready', 'billing');
      await waitFor(() => rows().length === 2, 'the topic is there');
      expect(rows()).to.deep.include(['billing', 'Your invoice is ready', '1']);
      expect($(chat, '[aria-current] .topic-name')?.textContent).to.equal('General');
      await expectAccessible(chat);

      const changes: XiansTopicChangedEvent[] = [];
      chat.addEventListener('xians-topic-changed', (event) => changes.push(event));
      all(chat, '.go')
        .find(({ textContent }) => textContent.includes('billing'))!
        .click();
      await gone(chat, '[role=dialog].drawer');
      expect(chat.topic).to.equal('billing');
      expect(changes.map(({ topic, previous }) => [topic, previous])).to.deep.equal([['billing', undefined]]);
      await waitFor(
        () => $(chat, '.message .bubble')?.textContent.includes('Your invoice is ready'),
        'history',
      );
      expect($(chat, '.header')?.textContent).to.contain('billing');
      expect(focused(chat)).to.equal($(chat, '.transcript'));
      await waitFor(() => said().includes('Topic: billing'), 'it is read out where the visitor is');
    });

    it('begins a new one, with a draft of its own in each', async () => {
      chat.prefill('For everyone');
      await choose(chat, 'Topics');
      const field = (await there(chat, '.new-topic input:enabled')) as HTMLInputElement;
      field.value = '  Holidays ';
      field.form!.requestSubmit();
      await waitFor(() => chat.conversation?.topic === 'Holidays', 'it is shown');
      await waitFor(() => said().includes('Topic: Holidays'), 'it is read out where the visitor is');
      expect(focused(chat), 'nothing is there to read').to.equal($(chat, '.composer textarea'));
      expect(chat.draft).to.equal('');
      chat.prefill('Where to?');
      await choose(chat, 'Topics');
      await waitFor(() => rows().length === 2, 'both are there');
      expect(rows()).to.deep.include(['General', 'Draft: For everyone', undefined]);
      all(chat, '.go')
        .find(({ textContent }) => textContent.includes('General'))!
        .click();
      await waitFor(() => chat.draft === 'For everyone', 'the draft is back');
      expect(chat.topic).to.equal(undefined);
    });

    it('tells of news in others before the list is opened', async () => {
      await known();
      await publish('Paid', 'billing');
      const name = () => $(chat, '.more')?.getAttribute('aria-label');
      await waitFor(() => name() === 'More (1 new message in another topic)', 'the menu tells');
      await choose(chat, 'Topics (1 new message)');
      await waitFor(() => rows().length === 2, 'both are there');
    });

    it('calls one by another name here', async () => {
      await known();
      await publish('Paid', 'billing');
      await choose(chat, 'Topics');
      await click(chat, '[aria-label="Rename billing"]');
      const field = (await there(chat, '.renaming input')) as HTMLInputElement;
      await waitFor(() => focused(chat) === field, 'the field has focus');
      await expectAccessible(chat);
      expect(press(field, 'Escape')).to.equal(false);
      await gone(chat, '.renaming');
      expect($(chat, '[role=dialog]')).not.to.equal(null);
      await click(chat, '[aria-label="Rename billing"]');
      const again = (await there(chat, '.renaming input')) as HTMLInputElement;
      again.value = 'Money \u202e<b>';
      again.form!.requestSubmit();
      await waitFor(() => rows().some(([name]) => name === 'Money <b>'), 'the name is another');
      expect(focused(chat)?.getAttribute('aria-label')).to.equal('Rename Money <b>');
    });
  });
});
