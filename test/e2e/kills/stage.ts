import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch, type Browser } from 'puppeteer-core';
import { launchOptions } from '../../support/browser.ts';
import { FaultProxy } from '../../support/fault-proxy.ts';
import { startServer, type TestServer } from '../../support/node-server.ts';
import { startSite, type Site } from '../../support/site.ts';
import { Ledger } from './ledger.ts';
import { Tab } from './tab.ts';

export const WORKFLOW = 'Echo Agent:Echo Flow';
export const PARTICIPANT = 'jane@example.com';

/** A server behind a {@link FaultProxy}, a site whose page has a chat, and a browser that keeps its profile when killed. */
export class Stage {
  readonly server: TestServer;
  readonly proxy: FaultProxy;
  readonly ledger = new Ledger();
  readonly #site: Site;
  readonly #profile: string;
  readonly #tabs = new Set<Tab>();
  #browser: Browser | undefined;

  private constructor(server: TestServer, proxy: FaultProxy, site: Site, profile: string) {
    this.server = server;
    this.proxy = proxy;
    this.#site = site;
    this.#profile = profile;
  }

  static async start(): Promise<Stage> {
    // A run is many visitors' worth of requests from one address: the limit is not what is looked at.
    const server = await startServer({ agentDelayMs: 20, rateLimit: false });
    const [proxy, site, profile] = await Promise.all([
      FaultProxy.start(server.url),
      startSite(),
      mkdtemp(join(tmpdir(), 'xians-profile-')),
    ]);
    site.page('/', {
      html: `<script type="module" src="/dist/xians-widgets.js"></script>
        <xians-chat display="inline" server-url="${proxy.url}" tenant-id="acme" workflow="${WORKFLOW}"
          token-url="${server.url}/demo/token?participant=${PARTICIPANT}"></xians-chat>`,
    });
    return new Stage(server, proxy, site, profile);
  }

  /** Tabs that are open and not crashed, oldest first. */
  get tabs(): readonly Tab[] {
    return [...this.#tabs].filter(({ isGone }) => !isGone);
  }

  /** Opens a tab in the browser, which is started if need be. Does not wait for the page. */
  async openTab(): Promise<Tab> {
    this.#browser ??= await this.#launch();
    const tab = await Tab.open(this.#browser, this.#site.url, (report) => this.ledger.add(report));
    this.#tabs.add(tab);
    return tab;
  }

  /** Kills the browser with all its processes, as a crash or the user would: no event reaches any page. */
  async killBrowser(): Promise<void> {
    const process = this.#browser?.process();
    this.#browser = undefined;
    for (const tab of this.#tabs) tab.leave();
    this.#tabs.clear();
    if (!process?.pid || process.exitCode !== null) return;
    const exit = once(process, 'exit');
    // Puppeteer starts the browser as the leader of a process group; the negative number is that group.
    globalThis.process.kill(-process.pid, 'SIGKILL');
    await exit;
  }

  /** What is written in the chat of the page, for example `visitor` in {@link Tab}, survives in a new one. */
  async stop(): Promise<void> {
    await this.#browser?.close();
    this.proxy.stop();
    await Promise.all([this.server.stop(), this.#site.stop()]);
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 10 });
  }

  #launch(): Promise<Browser> {
    const path = process.env.CHROME_PATH;
    if (!path) throw new Error('CHROME_PATH is not set.');
    return launch({ ...launchOptions(path), userDataDir: this.#profile });
  }
}
