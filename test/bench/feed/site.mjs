import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, resolve } from 'node:path';
import { build } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '../../..');
/** What is measured, in the order of the tables. */
export const CONTENDERS = {
  element: '`<incident-feed limit="10000">`',
  'react-sample': 'React + Apollo as samples do it: the last 100, each event a state',
  'react-windowed': 'React + Apollo, 10,000 rows, one state a frame, windowed',
  floor: 'hand-written: socket, array, window of DOM nodes',
  nothing: 'an empty page beside the same server',
};

/** Serves one page for each contender, and the built files. */
export async function startSite() {
  const scripts = new Map();
  for (const name of ['page', ...Object.keys(CONTENDERS)]) {
    const extension = name.startsWith('react') ? 'jsx' : 'mjs';
    const { outputFiles } = await build({
      entryPoints: [resolve(import.meta.dirname, `${name}.${extension}`)],
      bundle: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      jsx: 'automatic',
      minify: true,
      define: { 'process.env.NODE_ENV': '"production"' },
    });
    scripts.set(`/${name}.js`, outputFiles[0].text);
  }
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    const name = pathname.slice(1);
    if (name in CONTENDERS) {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(pageOf(name, searchParams.get('server')));
    } else if (scripts.has(pathname)) {
      response.setHeader('content-type', 'text/javascript').end(scripts.get(pathname));
    } else if (pathname.startsWith('/dist/')) {
      try {
        const content = await readFile(resolve(ROOT, pathname.slice(1)));
        if (extname(pathname) === '.js') response.setHeader('content-type', 'text/javascript');
        response.end(content);
      } catch (error) {
        response.writeHead(404).end(String(error));
      }
    } else response.writeHead(404).end();
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return {
    url: `http://localhost:${server.address().port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function pageOf(name, server) {
  const built = name === 'element' ? '<script type="module" src="/dist/xians-widgets.js"></script>' : '';
  return `<!doctype html><html lang="en"><head><title>${name}</title><link rel="icon" href="data:,"></head><body>
    <script>window.BENCH_URL = ${JSON.stringify(server)};</script>
    <script type="module" src="/page.js"></script>${built}<script type="module" src="/${name}.js"></script>
  </body></html>`;
}
