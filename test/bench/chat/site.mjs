import { once } from 'node:events';
import { createServer } from 'node:http';
import { resolve } from 'node:path';
import { build } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '../../..');
/** Where the others are installed: they are no dependencies of ours. */
export const PEERS = resolve(ROOT, '.cache/bench-chat');
/** What is measured, in the order of the tables. */
export const CONTENDERS = {
  element: 'our view (`<xians-chat>` without its client)',
  'deep-chat': 'deep-chat',
  persona: 'Persona',
  floor: 'hand-written: one element with plain text a message',
};

/** Serves one page for each contender, its script bundled in the same way. */
export async function startSite() {
  const scripts = new Map();
  for (const name of ['page', ...Object.keys(CONTENDERS)]) {
    const { outputFiles } = await build({
      entryPoints: [resolve(import.meta.dirname, `${name}.mjs`)],
      bundle: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      minify: true,
      nodePaths: [resolve(PEERS, 'node_modules')],
      tsconfig: resolve(ROOT, 'tsconfig.json'),
      define: { 'process.env.NODE_ENV': '"production"' },
    });
    scripts.set(`/${name}.js`, outputFiles[0].text);
  }
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const name = pathname.slice(1);
    const script = scripts.get(pathname);
    if (Object.hasOwn(CONTENDERS, name)) {
      response.setHeader('content-type', 'text/html; charset=utf-8').end(pageOf(name));
    } else if (script) response.setHeader('content-type', 'text/javascript').end(script);
    else response.writeHead(404).end();
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

function pageOf(name) {
  return `<!doctype html><html lang="en"><head><title>${name}</title><link rel="icon" href="data:,"></head>
    <body style="margin: 0"><script type="module" src="/page.js"></script>
    <script type="module" src="/${name}.js"></script></body></html>`;
}
