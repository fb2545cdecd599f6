import { setTimeout } from 'node:timers/promises';

/** Nothing was asked of the server for this long: the page has read what it wants to. */
const QUIET_MS = 2_500;
const READY_LIMIT_MS = 60_000;
const CATCH_UP_LIMIT_MS = 30_000;

/** One contender, in a fresh browser context, under one burst. */
export async function measure({ browser, server, url, known, perSecond, seconds, updates, duplicates }) {
  await server.control({ fault: 'incidents-clear' });
  await server.control({ fault: 'incidents-seed', count: known, seed: 1 });
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    await page.setViewport({ width: 1_280, height: 800 });
    const problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    await page.goto(url);
    const cdp = await page.createCDPSession();
    await cdp.send('Performance.enable');
    await quiet(server);

    const before = await heap(cdp);
    const started = await metrics(cdp);
    await page.evaluate(() => window.watch.start());
    const eventsBefore = (await server.report()).incidents.events;
    await server.control({ fault: 'incidents-generate', perSecond, seconds, updates, duplicates });
    await setTimeout(seconds * 1_000);
    const { frames, lags } = await page.evaluate(() => window.watch.stop());
    const ended = await metrics(cdp);
    const share = (name) => (ended[name] - started[name]) / (ended.Timestamp - started.Timestamp);
    await server.control({ fault: 'incidents-generate', perSecond: 0 });
    const stoppedAt = Date.now();

    const newest = await newestOf(server);
    const hasRows = await page.evaluate(() => window.watch.newest() > 0);
    const caughtUpMs = hasRows ? await catchUp(page, newest, stoppedAt) : undefined;
    await quiet(server);
    const after = await heap(cdp);
    const { events, count } = (await server.report()).incidents;
    return {
      eventsPerSecond: (count - known) / seconds,
      messages: events - eventsBefore,
      frames: frames.length,
      frameP50: percentile(frames, 0.5),
      frameP95: percentile(frames, 0.95),
      frameMax: percentile(frames, 1),
      over25: frames.filter((ms) => ms > 25).length,
      over50: frames.filter((ms) => ms > 50).length,
      busy: share('TaskDuration'),
      script: share('ScriptDuration'),
      style: share('RecalcStyleDuration'),
      layout: share('LayoutDuration'),
      heapBefore: before,
      heapGrowth: after - before,
      lagP50: percentile(lags, 0.5),
      lagP95: percentile(lags, 0.95),
      caughtUpMs,
      problems,
    };
  } finally {
    await context.close();
  }
}

/** Milliseconds from `since` until the newest incident is in the page; `undefined`: it takes too long. */
async function catchUp(page, newest, since) {
  const limit = { timeout: CATCH_UP_LIMIT_MS };
  return page
    .waitForFunction((wanted) => window.watch.newest() >= wanted, limit, newest)
    .then(
      () => Date.now() - since,
      () => undefined,
    );
}

/** Waits until the page asks for nothing more. */
async function quiet(server) {
  const deadline = Date.now() + READY_LIMIT_MS;
  let last = '';
  let since = Date.now();
  while (Date.now() - since < QUIET_MS && Date.now() < deadline) {
    await setTimeout(200);
    const now = JSON.stringify((await server.report()).incidents.operations);
    if (now !== last) since = Date.now();
    last = now;
  }
}

/** When the newest incident was created, by the server's clock, in milliseconds since 1970. */
async function newestOf(server) {
  const query = '{ incidents(pagination: { page: 0, pageSize: 1 }) { incidents { createdAt } } }';
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ query });
  const answer = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body });
  return Date.parse((await answer.json()).data.incidents.incidents[0].createdAt);
}

/** Bytes in use after two forced collections. */
async function heap(cdp) {
  await cdp.send('HeapProfiler.collectGarbage');
  await cdp.send('HeapProfiler.collectGarbage');
  const { JSHeapUsedSize } = await metrics(cdp);
  return JSHeapUsedSize;
}

/** Durations in seconds. */
async function metrics(cdp) {
  const { metrics: list } = await cdp.send('Performance.getMetrics');
  return Object.fromEntries(list.map(({ name, value }) => [name, value]));
}

function percentile(values, share) {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
