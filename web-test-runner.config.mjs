import { resolve } from 'node:path';
import { esbuildPlugin } from '@web/dev-server-esbuild';
import { defaultReporter } from '@web/test-runner';
import { chromeLauncher } from '@web/test-runner-chrome';
import { findBrowser, launchOptions } from './test/support/browser.ts';
import { devServerPlugin } from './test/support/dev-server-plugin.ts';
import { findTests } from './test/support/suites.ts';
import { webReporter } from './test/support/web-reporter.mjs';

// Runs under tsx, since the development server is TypeScript: `npm test -- --only=browser`.
const root = import.meta.dirname;
const files = process.env.TEST_FILES ? JSON.parse(process.env.TEST_FILES) : findTests(root).browser;
const browser = findBrowser(resolve(root, '.cache'));

export default {
  rootDir: root,
  files,
  concurrency: 2,
  nodeResolve: { exportConditions: ['browser', 'development'] },
  plugins: [
    esbuildPlugin({
      ts: true,
      tsconfig: resolve(root, 'tsconfig.json'),
      target: 'es2022',
      define: { 'process.env.SEED': JSON.stringify(process.env.SEED ?? null) },
    }),
    devServerPlugin(),
  ],
  browsers: [
    chromeLauncher({
      launchOptions: launchOptions(browser.executablePath),
      // Of several tabs one is in front; the others would be hidden, get no animation frames and behave accordingly.
      createPage: async ({ context }) => {
        const page = await context.newPage();
        await page.emulateFocusedPage(true);
        return page;
      },
    }),
  ],
  // Lit says so once per page; everything else a page logs is worth reading.
  filterBrowserLogs: ({ args }) => !String(args[0]).startsWith('Lit is in dev mode'),
  testFramework: { config: { ui: 'bdd', timeout: 30_000 } },
  browserStartTimeout: 90_000,
  testsStartTimeout: 60_000,
  testsFinishTimeout: 5 * 60_000,
  reporters: [defaultReporter({ reportTestResults: true, reportTestProgress: false }), webReporter()],
};
