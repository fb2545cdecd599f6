import type { Browser, BrowserContext, Page } from 'puppeteer-core';
import { FaultProxy } from '../support/fault-proxy.ts';
import { startServer, type ServerFault, type TestServer } from '../support/node-server.ts';
import { collectProblems, startSite, type Site } from '../support/site.ts';
import { waitFor } from '../support/wait.ts';

/** Longer than a feed may take to notice that it knows nothing any more, and to look again. */
const LONG_MS = 60_000;

const STRICT = (server: string) =>
  `default-src 'none'; script-src 'self'; style-src 'self'; connect-src ${server} ${server.replace('http', 'ws')}; ` +
  `img-src data:; require-trusted-types-for 'script'; trusted-types lit-html`;

/** A page with a feed under the strictest policy, and its incident manager behind a {@link FaultProxy}. */
export class FeedDesk {
  readonly server: TestServer;
  readonly proxy: FaultProxy;
  readonly #site: Site;
  readonly #context: BrowserContext;

  private constructor(server: TestServer, proxy: FaultProxy, site: Site, context: BrowserContext) {
    this.server = server;
    this.proxy = proxy;
    this.#site = site;
    this.#context = context;
  }

  /** Opens in a profile of its own inside `browser`. Close it in `afterEach`. */
  static async open(browser: Browser): Promise<FeedDesk> {
    const server = await startServer();
    const [proxy, site, context] = await Promise.all([
      FaultProxy.start(server.url),
      startSite(),
      browser.createBrowserContext(),
    ]);
    return new FeedDesk(server, proxy, site, context);
  }

  /** A tab with `html`, by default one feed of this server with `attributes`. */
  async page(attributes = '', html?: string): Promise<FeedPage> {
    const { url } = this.proxy;
    const feed = html ?? `<incident-feed incidents-url="${url}" ${attributes}></incident-feed>`;
    this.#site.page('/', {
      html: `<script type="module" src="/dist/xians-widgets.js"></script>${feed}`,
      policy: STRICT(url),
    });
    const page = await this.#context.newPage();
    const problems = collectProblems(page);
    await page.goto(`${this.#site.url}/`);
    return new FeedPage(page, problems);
  }

  control(...faults: ServerFault[]): Promise<unknown> {
    return faults.reduce<Promise<unknown>>(
      (done, fault) => done.then(() => this.server.control(fault)),
      Promise.resolve(),
    );
  }

  /** What the server has of an incident, asked over REST. */
  async stored(id: string): Promise<{ state: string; severity: string; assignees: string[] }> {
    const headers = { 'X-Execution-Id': crypto.randomUUID(), 'X-Parent-Span-Id': crypto.randomUUID() };
    const response = await fetch(`${this.server.url}/v1/incidents/${id}`, { headers });
    return (await response.json()) as { state: string; severity: string; assignees: string[] };
  }

  async close(): Promise<void> {
    await this.#context.close();
    this.proxy.stop();
    await Promise.all([this.server.stop(), this.#site.stop()]);
  }
}

/** What stands on a page with one feed. */
export class FeedPage {
  readonly page: Page;
  readonly problems: readonly string[];

  constructor(page: Page, problems: readonly string[]) {
    this.page = page;
    this.problems = problems;
  }

  /** How true the feed says it is, in its own words. */
  freshness(): Promise<string> {
    return this.#text('[part~="freshness"]');
  }

  /** Titles of the rows in the document, in their order. */
  titles(): Promise<string[]> {
    return this.page.evaluate(() => {
      const rows = document.querySelector('incident-feed')?.shadowRoot?.querySelectorAll('[aria-posinset]');
      return [...(rows ?? [])]
        .sort((a, b) => Number(a.ariaPosInSet) - Number(b.ariaPosInSet))
        .map((row) => row.querySelector('[part~="title"]')?.textContent.trim() ?? '');
    });
  }

  async isSaid(pattern: RegExp): Promise<void> {
    await this.page.bringToFront();
    let said = '';
    await waitFor(
      async () => pattern.test((said = await this.freshness())),
      `the feed says ${pattern}`,
      LONG_MS,
    ).catch((error: unknown) => {
      throw new Error(`It says "${said}".`, { cause: error });
    });
  }

  async shows(...titles: string[]): Promise<void> {
    await waitFor(
      async () => JSON.stringify(await this.titles()) === JSON.stringify(titles),
      `rows: ${titles.join(', ')}`,
      LONG_MS,
    );
  }

  /** Opens the row with `title` and gives the names of its actions. */
  async actionsOf(title: string): Promise<string[]> {
    await this.#row(title, (row) => row.focus());
    await this.page.keyboard.press('Enter');
    return waitFor(
      async () => {
        const names = await this.page.evaluate(() => {
          const root = document.querySelector('incident-feed')?.shadowRoot;
          const details = root?.querySelector('[part~="details"]');
          // The id is there when the row was read whole.
          return details?.textContent.includes('Copy id')
            ? [...details.querySelectorAll('[part~="action"]')].map((button) => button.textContent.trim())
            : undefined;
        });
        return names;
      },
      `the details of ${title}`,
      LONG_MS,
    );
  }

  /** Everything that the row with `title` says. */
  rowText(title: string): Promise<string> {
    return this.#row(title, (row) => row.textContent.replace(/\s+/g, ' '));
  }

  async press(title: string, key: 'a' | 'r' | 'Enter'): Promise<void> {
    await this.#row(title, (row) => row.focus());
    await this.page.keyboard.press(key);
  }

  async #row<Result>(title: string, read: (row: HTMLElement) => Result): Promise<Result> {
    const row = await waitFor(
      async () => {
        const handle = await this.page.evaluateHandle((wanted) => {
          const rows = document
            .querySelector('incident-feed')
            ?.shadowRoot?.querySelectorAll('[aria-posinset]');
          return [...(rows ?? [])].find(
            (one) => one.querySelector('[part~="title"]')?.textContent.trim() === wanted,
          );
        }, title);
        return handle.asElement();
      },
      `a row "${title}"`,
      LONG_MS,
    );
    return row.evaluate(read as (row: Node) => Result);
  }

  #text(selector: string): Promise<string> {
    return this.page.evaluate(
      (wanted) =>
        document.querySelector('incident-feed')?.shadowRoot?.querySelector(wanted)?.textContent.trim() ?? '',
      selector,
    );
  }
}
