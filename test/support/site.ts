import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, resolve } from 'node:path';
import { launch, type Browser, type Page } from 'puppeteer-core';
import { launchOptions } from './browser.ts';

const DIST = resolve(import.meta.dirname, '../../dist');
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.map': 'application/json',
};

/** A page of a {@link Site}. */
export interface SitePage {
  /** The body only. */
  readonly html: string;
  /** Value of `Content-Security-Policy`. */
  readonly policy?: string;
}

/** A customer's web site: pages of a test, and the built files under `/dist/`. */
export interface Site {
  /** `http://localhost:<port>`, another origin than the development server's. */
  readonly url: string;
  /** Adds or replaces the page at `path`. */
  page(path: string, page: SitePage): void;
  stop(): Promise<void>;
}

/** Starts a site on a free loopback port. Stop it in the test's `after`. */
export async function startSite(): Promise<Site> {
  const pages = new Map<string, SitePage>();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const page = pages.get(pathname);
    if (page) sendPage(response, page);
    else if (pathname.startsWith('/dist/')) void sendBuilt(response, pathname.slice('/dist/'.length));
    else response.writeHead(404).end();
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    page: (path, page) => void pages.set(path, page),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A fresh browser; the test runner says which (`CHROME_PATH`). Close it in the test's `after`. */
export async function openBrowser(): Promise<Browser> {
  const path = process.env.CHROME_PATH;
  if (!path) throw new Error('CHROME_PATH is not set. Run this by `npm test -- --only=e2e`.');
  return launch(launchOptions(path));
}

/** What goes wrong on `page` from now on: exceptions, errors in its console, failed requests. Filled as it happens. */
export function collectProblems(page: Page): string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(`exception: ${String(error)}`));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`);
  });
  page.on('requestfailed', (request) => {
    problems.push(`request: ${request.url()} ${request.failure()?.errorText ?? ''}`);
  });
  return problems;
}

function sendPage(response: ServerResponse, { html, policy }: SitePage): void {
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  if (policy) response.setHeader('Content-Security-Policy', policy);
  response.end(
    `<!doctype html><html lang="en"><head><link rel="icon" href="data:,"></head><body>${html}</body></html>`,
  );
}

async function sendBuilt(response: ServerResponse, path: string): Promise<void> {
  try {
    const content = await readFile(resolve(DIST, path));
    response
      .writeHead(200, { 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream' })
      .end(content);
  } catch (error) {
    response.writeHead(404).end(String(error));
  }
}
