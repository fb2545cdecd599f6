import { once } from 'node:events';
import type { Browser, CDPSession, Page } from 'puppeteer-core';
import type { XiansMessageQueuedEvent } from '../../../src/elements/message-events.ts';
import type { Report } from './ledger.ts';

/** How a page ends without the visitor's doing anything in it. */
export type PageKill = 'crash' | 'close';
/** How a page stops without ending: told by an event and not, as when a machine is put to sleep. */
export type PageStop = 'frozen' | 'hung';

const INPUT = 'xians-chat >>> textarea';

const RESUME_MS = 5_000;

/** What a call of a {@link Tab} rejects with when the page died in the middle of it. */
export class TabGone extends Error {}

/** One tab with a chat in it, which can die under the hands of whoever uses it. */
export class Tab {
  readonly #page: Page;
  readonly #session: CDPSession;
  readonly #gone = new AbortController();
  /** Rejects when the page dies. */
  readonly #death: Promise<never>;
  readonly #sockets = new Set<string>();
  #stopped: PageStop | undefined;
  /** Why the page did not load. */
  #failure: unknown;

  private constructor(page: Page, session: CDPSession) {
    this.#page = page;
    this.#session = session;
    this.#death = once(this.#gone.signal, 'abort').then(() => {
      throw new TabGone('The page died.');
    });
    this.#death.catch(() => undefined); // The next call tells.
    page.once('error', () => this.leave());
    page.once('close', () => this.leave());
    session.on('Network.webSocketCreated', ({ requestId }) => void this.#sockets.add(requestId));
    session.on('Network.webSocketClosed', ({ requestId }) => void this.#sockets.delete(requestId));
  }

  /** Opens `url` and has it load. What its chat says of messages goes to `report`. */
  static async open(browser: Browser, url: string, report: (report: Report) => void): Promise<Tab> {
    const page = await browser.newPage();
    const session = await page.createCDPSession();
    const tab = new Tab(page, session);
    await session.send('Network.enable');
    await page.exposeFunction('reportToTest', report);
    await page.evaluateOnNewDocument(listen);
    page.goto(url, { waitUntil: 'domcontentloaded' }).catch((error: unknown) => (tab.#failure = error));
    return tab;
  }

  get isGone(): boolean {
    return this.#gone.signal.aborted;
  }

  get stopped(): PageStop | undefined {
    return this.#stopped;
  }

  /** Whether this tab holds the connection of all. */
  get hasSocket(): boolean {
    return !this.isGone && this.#sockets.size > 0;
  }

  /** Resolves when the visitor can type. */
  async ready(): Promise<void> {
    await this.#alive(() =>
      this.#page.waitForFunction(
        () => document.querySelector('xians-chat')?.shadowRoot?.querySelector('textarea') != null,
      ),
    );
    if (this.#failure && !this.isGone) throw this.#failure;
  }

  /** Types `text` and presses Enter. */
  async write(text: string): Promise<void> {
    await this.#alive(() => this.#page.focus(INPUT));
    await this.#alive(() => this.#page.keyboard.sendCharacter(text));
    await this.#alive(() => this.#page.keyboard.press('Enter'));
  }

  /** Texts of the visitor's own messages, in the order in which they show. */
  own(): Promise<string[]> {
    return this.#alive(() =>
      this.#page.$$eval('xians-chat >>> [part~="bubble-own"]', (bubbles) =>
        bubbles.map((bubble) => (bubble as HTMLElement).textContent.trim()),
      ),
    );
  }

  /** How many messages wait or failed, by the client's word. */
  pending(): Promise<number | undefined> {
    return this.#alive(() => this.#page.$eval('xians-chat', (chat) => chat.client?.status.pending));
  }

  /** Brings it to the front; the others are hidden by that. */
  async show(): Promise<void> {
    await this.#alive(() => this.#page.bringToFront());
  }

  /** Ends the page: its process dies (`crash`), or the tab is closed. */
  async kill(how: PageKill): Promise<void> {
    if (this.isGone) return;
    if (how === 'crash') {
      const death = once(this.#gone.signal, 'abort');
      // The answer to this is the death of whoever should give it.
      this.#session.send('Page.crash').catch(() => this.leave());
      await death;
    }
    await this.#page.close();
    this.leave();
  }

  /** Stops all that the page does; with `frozen` it is told before, by the event of the browser. */
  async stop(how: PageStop): Promise<void> {
    this.#stopped = how;
    if (how === 'frozen') {
      await this.#alive(() => this.#session.send('Page.setWebLifecycleState', { state: 'frozen' }));
    } else {
      await this.#alive(() => this.#session.send('Debugger.enable'));
      await this.#alive(() => this.#session.send('Debugger.pause'));
    }
  }

  /** Ends {@link stop}. A page that the debugger does not let go of is closed instead, as its visitor would do. */
  async resume(): Promise<void> {
    const going =
      this.#stopped === 'frozen'
        ? this.#session.send('Page.setWebLifecycleState', { state: 'active' })
        : this.#session.send('Debugger.disable');
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), RESUME_MS);
    const isGoing = await this.#alive(() =>
      Promise.race([going.then(() => true), once(late.signal, 'abort').then(() => false)]),
    );
    clearTimeout(timer);
    this.#stopped = undefined;
    if (!isGoing) await this.kill('crash');
  }

  /** Takes note that the page will not answer any more. */
  leave(): void {
    this.#gone.abort();
  }

  /** What `work` resolves with, unless the page dies first. */
  async #alive<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.isGone) throw new TabGone('The page is dead.');
    try {
      return await Promise.race([work(), this.#death]);
    } catch (error) {
      throw this.isGone || isClosing(error) ? new TabGone('The page died.') : error;
    }
  }
}

/** Puppeteer notices the end of a page in a running call before it fires an event. */
function isClosing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'TargetCloseError' || /detached/i.test(error.message) || isClosing(error.cause);
}

declare function reportToTest(report: Report): void;

/** Runs in the page. */
function listen(): void {
  for (const event of ['queued', 'sent', 'failed'] as const) {
    document.addEventListener(`xians-message-${event}`, (fired) => {
      const { requestId, text, delivery } = (fired as XiansMessageQueuedEvent).message;
      if (requestId === undefined) return;
      reportToTest({ event, requestId, text: text ?? '', persisted: delivery?.persisted === true });
    });
  }
}
