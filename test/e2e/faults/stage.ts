import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { launch, type Browser, type BrowserContext, type CDPSession, type Page } from 'puppeteer-core';
import { launchOptions } from '../../support/browser.ts';
import { FaultProxy } from '../../support/fault-proxy.ts';
import { ServerProcess } from '../../support/server-process.ts';
import { startSite, type Site } from '../../support/site.ts';
import { waitFor } from '../../support/wait.ts';
import { Visitor } from '../visitor.ts';

export const WORKFLOW = 'Echo Agent:Echo Flow';
const DIST = resolve(import.meta.dirname, '../../../dist');

/** What was seen in the page; times are milliseconds since 1970 by the machine's clock. See `page-watch.js`. */
export interface Watch {
  readonly words: readonly { readonly at: number; readonly words: string }[];
  readonly states: readonly { readonly at: number; readonly state: string; readonly reason: string }[];
  readonly events: readonly { readonly at: number; readonly type: string }[];
}

/** A browser, a site whose page has a chat and a status, and its Xians server, in a process of its own behind a {@link FaultProxy}. */
export class Stage {
  readonly server: ServerProcess;
  readonly proxy: FaultProxy;
  readonly site: Site;
  readonly #browser: Browser;
  readonly #folder: string;
  readonly #watch: string;

  private constructor(
    parts: { server: ServerProcess; proxy: FaultProxy; site: Site; browser: Browser },
    folder: string,
    watch: string,
  ) {
    this.server = parts.server;
    this.proxy = parts.proxy;
    this.site = parts.site;
    this.#browser = parts.browser;
    this.#folder = folder;
    this.#watch = watch;
  }

  /** Stop it in the test's `after`. */
  static async start(): Promise<Stage> {
    const path = process.env.CHROME_PATH;
    if (!path) throw new Error('CHROME_PATH is not set. Run this by `npm test -- --only=e2e`.');
    const folder = mkdtempSync(join(tmpdir(), 'xians-faults-'));
    // Many visitors come from one address here, so the ordinary limit is off.
    const options = {
      agentDelayMs: 20,
      rateLimit: false,
      storeFile: join(folder, 'store.jsonl'),
      staticRoot: { '/pages/': folder, '/dist/': DIST },
    } as const;
    const { args, ...rest } = launchOptions(path);
    const [server, site, browser, watch] = await Promise.all([
      ServerProcess.start(options),
      startSite(),
      // A page that was offline would otherwise not be let to loopback addresses.
      launch({ ...rest, args: [...args, '--disable-features=LocalNetworkAccessChecks'] }),
      readFile(join(import.meta.dirname, 'page-watch.js'), 'utf8'),
    ]);
    const proxy = await FaultProxy.start(server.url);
    site.page('/other', { html: '<h1>Another page</h1>' });
    return new Stage({ server, proxy, site, browser }, folder, watch);
  }

  /** A new visitor's page, not yet connected. `isSameOrigin`: it comes from the Xians server's own origin. */
  async open(participantId: string, { isSameOrigin = false } = {}): Promise<Guest> {
    const server = this.proxy.url;
    const html = `<script type="module" src="/dist/xians-widgets.js"></script>
        <xians-provider server-url="${server}" tenant-id="acme" participant-id="${participantId}"
          token-url="${server}/demo/token?participant=${participantId}">
          <connection-status></connection-status>
          <xians-chat display="inline" workflow="${WORKFLOW}"></xians-chat>
        </xians-provider>`;
    this.site.page(`/${participantId}`, { html });
    if (isSameOrigin) writeFileSync(join(this.#folder, 'page.html'), `<!doctype html>${html}`);
    const context = await this.#browser.createBrowserContext();
    const page = await context.newPage();
    await page.evaluateOnNewDocument(this.#watch);
    await page.goto(isSameOrigin ? `${server}/pages/page.html` : `${this.site.url}/${participantId}`);
    return new Guest(this, participantId, context, page);
  }

  /** Process ids of the browser's pages. */
  async renderers(): Promise<number[]> {
    const session = await this.#browser.target().createCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    await session.detach();
    return processInfo.flatMap(({ type, id }) => (type === 'renderer' ? [id] : []));
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    this.proxy.stop();
    await Promise.all([this.server.stop(), this.site.stop()]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** One visitor and their page. */
export class Guest {
  readonly stage: Stage;
  readonly participantId: string;
  readonly page: Page;
  readonly visitor: Visitor;
  readonly #context: BrowserContext;
  #session: CDPSession | undefined;

  constructor(stage: Stage, participantId: string, context: BrowserContext, page: Page) {
    this.stage = stage;
    this.participantId = participantId;
    this.#context = context;
    this.page = page;
    this.visitor = new Visitor(page);
  }

  async watch(): Promise<Watch> {
    return (await this.page.evaluate('window.faultWatch')) as Watch;
  }

  /** Waits for a state of the client. */
  async reaches(state: string, deadlineMs = 20_000): Promise<void> {
    try {
      const isThere = async () => (await this.watch()).states.at(-1)?.state === state;
      await waitFor(isThere, `the state ${state}`, deadlineMs);
    } catch (cause) {
      const { states } = await this.watch();
      throw new Error(`Not ${state}, but: ${JSON.stringify(states.slice(-12))}`, { cause });
    }
  }

  async publish(text: string): Promise<void> {
    const { participantId } = this;
    await this.stage.server.control({ fault: 'publish', workflow: WORKFLOW, participantId, text });
  }

  /** Texts that the server has from the visitor. */
  async stored(): Promise<(string | null)[]> {
    const { stored } = await this.stage.server.report();
    return stored.flatMap(({ direction, participantId, text }) =>
      direction === 'Incoming' && participantId === this.participantId ? [text] : [],
    );
  }

  /** The protocol of the browser's own tools, on this page. */
  async cdp(): Promise<CDPSession> {
    return (this.#session ??= await this.page.createCDPSession());
  }

  async leave(): Promise<void> {
    await this.#context.close();
  }
}
