const LIMIT_MS = 120_000;

/** One contender with `count` messages in a fresh browser context: mounted, left alone until all is drawn, one more. */
export async function measure({ browser, url, count }) {
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(LIMIT_MS);
    await page.setViewport({ width: 400, height: 700 });
    const problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    await page.goto(url);
    await page.waitForFunction(() => window.bench);
    const cdp = await page.createCDPSession();
    await cdp.send('Performance.enable');
    const before = await heap(cdp);

    await page.evaluate((wanted) => window.bench.prepare(wanted), count);
    const mount = await page.evaluate(
      (last) => window.watch.run(() => window.bench.mount(), last),
      count - 1,
    );
    const settledMs = await page.evaluate(() => window.watch.settled());
    await page.evaluate(() => window.watch.idle());
    const { heapUsed, nodes } = await heap(cdp);
    const append = await page.evaluate(
      (index) => window.watch.run(() => window.bench.append(index), index),
      count,
    );
    return {
      shownMs: mount.shownMs,
      blockedMs: mount.longestMs,
      settledMs,
      appendWorkMs: append.workMs,
      appendShownMs: append.shownMs,
      nodes,
      heap: heapUsed - before.heapUsed,
      problems,
    };
  } catch (error) {
    return { problems: [String(error)] };
  } finally {
    await context.close();
  }
}

/** Bytes and nodes in use after two forced collections. */
async function heap(cdp) {
  await cdp.send('HeapProfiler.collectGarbage');
  await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const { JSHeapUsedSize, Nodes } = Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  return { heapUsed: JSHeapUsedSize, nodes: Nodes };
}
