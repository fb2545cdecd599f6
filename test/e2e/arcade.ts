import type { Browser, BrowserContext, CDPSession, Page } from 'puppeteer-core';
import type { HybridClient } from '../../src/client/types.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { startSite, type Site } from '../support/site.ts';
import { waitFor } from '../support/wait.ts';

export const WORKFLOW = 'Echo Agent:Echo Flow';

/** One `<xians-provider>` with a chat on the page of an {@link Arcade}. */
export interface Counter {
  /** Its id on the page. */
  readonly id: string;
  readonly tenantId: string;
  readonly participantId: string;
}

/** A request or WebSocket to the Xians server that had a credential. */
export interface Visit {
  readonly url: URL;
  readonly tenantId: string;
  readonly credential: string;
}

/** What a page said on one of its broadcast channels. */
export interface Word {
  readonly channel: string;
  readonly text: string;
}

/** Rows of the page's database, and names of its locks and marks. */
export interface Kept {
  readonly rows: readonly { readonly kind: string; readonly account: string; readonly text: string }[];
  readonly locks: readonly string[];
  readonly marks: readonly string[];
}

/** One page with several providers, in front of one server, and everything that leaves it. */
export class Arcade {
  readonly server: TestServer;
  readonly proxy: FaultProxy;
  readonly page: Page;
  readonly counters: readonly Counter[];
  readonly visits: Visit[] = [];
  /** Tokens that were handed out, with the id of the counter that asked. */
  readonly tokens = new Map<string, string>();
  readonly words: Word[] = [];
  readonly #site: Site;
  readonly #context: BrowserContext;

  private constructor(
    server: TestServer,
    proxy: FaultProxy,
    site: Site,
    context: BrowserContext,
    page: Page,
    counters: readonly Counter[],
  ) {
    this.server = server;
    this.proxy = proxy;
    this.#site = site;
    this.#context = context;
    this.page = page;
    this.counters = counters;
  }

  /** Opens the page in a profile of its own; every chat is connected then. Close it in `afterEach`. */
  static async open(browser: Browser, counters: readonly Counter[]): Promise<Arcade> {
    const server = await startServer({ agentDelayMs: 20, rateLimit: false });
    const [proxy, site, context] = await Promise.all([
      FaultProxy.start(server.url),
      startSite(),
      browser.createBrowserContext(),
    ]);
    const page = await context.newPage();
    await page.setViewport({ width: 1_200, height: 900 });
    const arcade = new Arcade(server, proxy, site, context, page, counters);
    site.page('/', {
      html: `<script type="module" src="/dist/xians-widgets.js"></script>
        <style>xians-chat { height: 260px }</style>${counters.map((each) => arcade.#html(each)).join('')}`,
    });
    await arcade.#listen();
    await page.goto(site.url);
    await arcade.areConnected();
    return arcade;
  }

  areConnected(...ids: string[]): Promise<unknown> {
    const wanted = ids.length > 0 ? ids : this.counters.map(({ id }) => id);
    return Promise.all(
      wanted.map((id) =>
        waitFor(async () => (await this.ask(id, (client) => client.state)) === 'live', `${id} live`, 60_000),
      ),
    );
  }

  /** What `question` answers in the page about the client of counter `id`. */
  ask<Answer>(id: string, question: (client: HybridClient) => Answer): Promise<Awaited<Answer> | undefined> {
    return this.page.evaluate(
      `(async () => {
        const client = document.getElementById(${JSON.stringify(id)}).client;
        return client && (${question.toString()})(client);
      })()`,
    ) as Promise<Awaited<Answer> | undefined>;
  }

  async write(id: string, text: string, { send = true } = {}): Promise<void> {
    await this.page.focus(`#${id} xians-chat >>> textarea`);
    await this.page.keyboard.type(text);
    if (send) await this.page.keyboard.press('Enter');
  }

  /** Texts of the bubbles at counter `id`, in order. */
  bubbles(id: string): Promise<string[]> {
    return this.page.$$eval(`#${id} xians-chat >>> [part~="bubble"]`, (bubbles) =>
      bubbles.map((bubble) => (bubble as HTMLElement).innerText.trim().replace(/\s+/g, ' ')),
    );
  }

  async shows(id: string, ...texts: string[]): Promise<void> {
    const wanted = JSON.stringify(texts);
    await waitFor(
      async () => JSON.stringify(await this.bubbles(id)) === wanted,
      `${id} shows ${wanted}`,
      20_000,
    ).catch(async (cause: unknown) => {
      throw new Error(`${id} shows ${JSON.stringify(await this.bubbles(id))}, not ${wanted}.`, { cause });
    });
  }

  draft(id: string): Promise<string> {
    return this.page.$eval(`#${id} xians-chat >>> textarea`, (input) => input.value);
  }

  kept(): Promise<Kept> {
    // Without named functions, of which the test runner's compiler would speak to the page in its own words.
    return this.page.evaluate(async () => {
      const rows: { kind: string; account: string; text: string }[] = [];
      for (const { name = '' } of await indexedDB.databases()) {
        const opening = indexedDB.open(name);
        await new Promise((resolve) => (opening.onsuccess = resolve));
        for (const store of opening.result.objectStoreNames) {
          const objects = opening.result.transaction(store).objectStore(store);
          const [keys, values] = [objects.getAllKeys(), objects.getAll()];
          await new Promise((resolve) => (values.onsuccess = resolve));
          for (const [index, key] of keys.result.entries()) {
            const [kind, account] = key as unknown as string[];
            const text = JSON.stringify([key, values.result[index]]);
            rows.push({ kind: String(kind), account: String(account), text });
          }
        }
        opening.result.close();
      }
      const { held = [] } = await navigator.locks.query();
      return {
        rows,
        locks: held.map(({ name = '' }) => name).sort(),
        marks: Object.keys(localStorage).sort(),
      };
    });
  }

  /** Name under which what belongs to a counter is kept. */
  account({ tenantId, participantId }: Counter): string {
    return JSON.stringify([this.proxy.url, tenantId, participantId]);
  }

  async reload(): Promise<void> {
    await this.page.reload();
  }

  async close(): Promise<void> {
    await this.#context.close();
    this.proxy.stop();
    await Promise.all([this.server.stop(), this.#site.stop()]);
  }

  #html({ id, tenantId, participantId }: Counter): string {
    // On the server itself, so that tokens can be had also while the proxy lets nothing through.
    const tokens = `${this.server.url}/demo/token?participant=${participantId}&at=${id}`;
    return `<xians-provider id="${id}" server-url="${this.proxy.url}" tenant-id="${tenantId}"
      participant-id="${participantId}" token-url="${tokens}"><xians-chat workflow="${WORKFLOW}"></xians-chat></xians-provider>`;
  }

  async #listen(): Promise<void> {
    const { page } = this;
    const session: CDPSession = await page.createCDPSession();
    await session.send('Network.enable');
    session.on('Network.webSocketCreated', ({ url }) => this.#saw(url, undefined));
    page.on('request', (request) => this.#saw(request.url(), request.headers()['authorization']));
    await page.exposeFunction('overheard', (channel: string, text: string) => {
      this.words.push({ channel, text });
    });
    await page.exposeFunction('issued', (id: string, token: string) => {
      this.tokens.set(token, id);
    });
    await page.evaluateOnNewDocument(() => {
      const { postMessage } = BroadcastChannel.prototype;
      const { fetch } = globalThis;
      const { overheard, issued } = globalThis as unknown as {
        overheard(channel: string, text: string): void;
        issued(id: string, token: string): Promise<void>;
      };
      BroadcastChannel.prototype.postMessage = function (message: unknown) {
        overheard(this.name, JSON.stringify(message));
        postMessage.call(this, message);
      };
      globalThis.fetch = async (...request) => {
        const response = await fetch(...request);
        const { pathname, searchParams } = new URL(response.url);
        if (pathname === '/demo/token') {
          // Known here before it is used there.
          await issued(
            searchParams.get('at') ?? '',
            ((await response.clone().json()) as { token: string }).token,
          );
        }
        return response;
      };
    });
  }

  #saw(address: string, authorization: string | undefined): void {
    const url = new URL(address);
    const tenantId = url.searchParams.get('tenantId');
    const credential =
      authorization?.replace(/^Bearer /, '') ??
      url.searchParams.get('access_token') ??
      url.searchParams.get('apikey');
    if (tenantId && credential) this.visits.push({ url, tenantId, credential });
  }
}
