import { launch, type Browser, type BrowserContext, type Page } from 'puppeteer-core';
import { launchOptions } from '../support/browser.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { startSite, type Site } from '../support/site.ts';
import { waitFor } from '../support/wait.ts';
import { OwnMessages } from './own-messages.ts';
import { Visitor } from './visitor.ts';

export const PARTICIPANT = 'jane@example.com';
export const WORKFLOW = 'Echo Agent:Echo Flow';

/** A browser for {@link Shop}s. Close it in the test's `after`. */
export function openShopBrowser(): Promise<Browser> {
  const path = process.env.CHROME_PATH;
  if (!path) throw new Error('CHROME_PATH is not set. Run this by `npm test -- --only=e2e`.');
  const { args, ...options } = launchOptions(path);
  // A page that comes from no network, as an offline one does here, would not be let to the loopback addresses of the test.
  return launch({ ...options, args: [...args, '--disable-features=LocalNetworkAccessChecks'] });
}

/** One tab of a visitor. */
export interface ShopTab {
  readonly page: Page;
  readonly visitor: Visitor;
  readonly own: OwnMessages;
}

/** A web site with a floating chat, its Xians server behind a {@link FaultProxy}, and visitors' browsers. */
export class Shop {
  readonly server: TestServer;
  readonly proxy: FaultProxy;
  readonly site: Site;
  readonly context: BrowserContext;
  readonly #isOffline = new WeakSet<Page>();

  private constructor(server: TestServer, proxy: FaultProxy, site: Site, context: BrowserContext) {
    this.server = server;
    this.proxy = proxy;
    this.site = site;
    this.context = context;
  }

  /** Opens in a profile of its own inside `browser`. Close it in `afterEach`. */
  static async open(browser: Browser): Promise<Shop> {
    const server = await startServer({ agentDelayMs: 20 });
    const [proxy, site, context] = await Promise.all([
      FaultProxy.start(server.url),
      startSite(),
      browser.createBrowserContext(),
    ]);
    const shop = new Shop(server, proxy, site, context);
    site.page('/', { html: `<h1>A shop</h1>${shop.script()}` });
    // Whose messages wait can be told before a token has come.
    const more = `data-participant-id="${PARTICIPANT}"`;
    site.page('/named', { html: shop.script({ more }) });
    site.page('/other', { html: '<h1>Another page</h1>' });
    return shop;
  }

  /** The script tag with a chat of its own; `more` attributes go into it. */
  script({ type = 'type="module"', file = 'xians-widgets.js', more = '' } = {}): string {
    return `<script ${type} src="/dist/${file}" data-server-url="${this.proxy.url}" data-tenant-id="acme"
      data-workflow="${WORKFLOW}" data-token-url="${this.proxy.url}/demo/token?participant=${PARTICIPANT}" ${more}></script>`;
  }

  /** A new tab at `path`, in front; `prepare` runs before it loads. */
  async tab(path = '/', prepare?: (page: Page) => Promise<unknown>): Promise<ShopTab> {
    const page = await this.context.newPage();
    await prepare?.(page);
    await this.#serveOffline(page);
    await page.goto(this.site.url + path);
    return { page, visitor: new Visitor(page), own: new OwnMessages(page) };
  }

  /** A new tab with the chat open. */
  async chat(path = '/'): Promise<ShopTab> {
    const tab = await this.tab(path);
    await tab.visitor.openBubble();
    return tab;
  }

  /** The server is away: open connections are reset, new ones refused. */
  goAway(): void {
    this.proxy.refuse();
    this.proxy.reset();
  }

  /** The device has no network, as its browser knows; the page itself is still there, as from a cache. */
  async goOffline(...tabs: ShopTab[]): Promise<void> {
    for (const { page } of tabs) {
      this.#isOffline.add(page);
      await page.setOfflineMode(true);
    }
    this.goAway();
  }

  /** Ends {@link goOffline} and {@link goAway}. */
  async comeBack(...tabs: ShopTab[]): Promise<void> {
    await this.proxy.accept();
    for (const { page } of tabs) {
      this.#isOffline.delete(page);
      await page.setOfflineMode(false);
    }
  }

  /** Texts that the server has from the visitor, in its order. */
  async stored(): Promise<(string | null)[]> {
    return (await this.server.report()).stored.flatMap(({ direction, text }) =>
      direction === 'Incoming' ? [text] : [],
    );
  }

  /** Waits until the server has exactly `texts`, and has been asked to store none of them twice. */
  async hasStored(...texts: string[]): Promise<void> {
    const wanted = JSON.stringify(texts);
    await waitFor(
      async () => JSON.stringify(await this.stored()) === wanted,
      `the server has ${wanted}`,
      30_000,
    ).catch(async (error: unknown) => {
      throw new Error(`The server has ${JSON.stringify(await this.stored())}, not ${wanted}.`, {
        cause: error,
      });
    });
  }

  async close(): Promise<void> {
    await this.context.close();
    this.proxy.stop();
    await Promise.all([this.server.stop(), this.site.stop()]);
  }

  /** Answers requests for the page and its scripts without a network while it is offline. */
  async #serveOffline(page: Page): Promise<void> {
    await page.setRequestInterception(true);
    page.on('request', (request) => {
      const isOwn = request.url().startsWith(this.site.url);
      if (!isOwn || !this.#isOffline.has(page)) return void request.continue();
      void fetch(request.url()).then(async (answer) =>
        request.respond({
          status: answer.status,
          contentType: answer.headers.get('content-type') ?? '',
          body: Buffer.from(await answer.arrayBuffer()),
        }),
      );
    });
  }
}

/** Everything that pages of this origin have stored, as text, key by key. */
export function stored(page: Page): Promise<string[]> {
  // Runs in the page, where the helper that names functions does not exist: hence none has a name.
  return page.evaluate(async () => {
    const found = [localStorage, sessionStorage].flatMap((storage) =>
      Object.entries(storage).map((entry) => JSON.stringify(entry)),
    );
    for (const { name = '' } of await indexedDB.databases()) {
      const opening = indexedDB.open(name);
      await new Promise((resolve, reject) => {
        opening.onsuccess = resolve;
        opening.onerror = () => reject(new Error(`${name} cannot be opened.`));
      });
      const database = opening.result;
      for (const store of database.objectStoreNames) {
        const walk = database.transaction(store).objectStore(store).openCursor();
        await new Promise<void>((resolve, reject) => {
          walk.onerror = () => reject(new Error(`${name} cannot be read.`));
          walk.onsuccess = () => {
            if (!walk.result) return resolve();
            found.push(JSON.stringify([walk.result.key, walk.result.value]));
            walk.result.continue();
          };
        });
      }
      database.close();
    }
    return found;
  });
}
