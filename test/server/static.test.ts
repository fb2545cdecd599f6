import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { DevServer } from '../../demo/server/server.ts';
import { serve } from './fixture.ts';

async function site(t: TestContext): Promise<DevServer> {
  const root = await mkdtemp(join(tmpdir(), 'xians-static-'));
  t.after(() => rm(root, { recursive: true }));
  await mkdir(join(root, 'demo', 'sub'), { recursive: true });
  await mkdir(join(root, 'dist'));
  const files = {
    'demo/index.html': '<h1>Demo</h1>',
    'demo/sub/index.html': '<h1>Sub</h1>',
    'demo/style.css': 'b{}',
    'demo/.hidden': 'secret',
    'demo/with space.txt': 'space',
    'dist/a.js': 'export {};',
    'dist/a.js.map': '{}',
    'dist/i.svg': '<svg/>',
    'dist/i.png': 'png',
    'secret.txt': 'secret',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text);
  await symlink(join(root, 'secret.txt'), join(root, 'demo', 'link.txt'));
  return serve(t, { staticRoot: { '/': join(root, 'demo'), '/dist/': join(root, 'dist') } });
}

/** Status of a request whose path no client would send: it is not normalised. */
function rawStatus(server: DevServer, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    });
    socket.once('data', (chunk) => resolve(chunk.toString().slice(9, 12)));
    socket.once('error', reject);
  });
}

describe('Static files', () => {
  it('have the right content types; the longest prefix wins', async (t) => {
    const server = await site(t);
    const types = {
      '/': 'text/html; charset=utf-8',
      '/?a=1': 'text/html; charset=utf-8',
      '/style.css': 'text/css; charset=utf-8',
      '/dist/a.js': 'text/javascript; charset=utf-8',
      '/dist/a.js.map': 'application/json; charset=utf-8',
      '/dist/i.svg': 'image/svg+xml',
      '/dist/i.png': 'image/png',
      '/with%20space.txt': 'text/plain; charset=utf-8',
    };
    for (const [path, type] of Object.entries(types)) {
      const response = await fetch(server.url + path);
      assert.deepEqual([response.status, response.headers.get('content-type')], [200, type], path);
    }
    assert.equal(await (await fetch(`${server.url}/dist/a.js`)).text(), 'export {};');
  });

  it('may be loaded by other pages, as from a CDN', async (t) => {
    const server = await site(t);
    const response = await fetch(`${server.url}/dist/a.js`, {
      headers: { Origin: 'https://shop.example.com' },
    });
    assert.equal(response.headers.get('access-control-allow-origin'), '*');
  });

  it('of a folder are its index, under a slash', async (t) => {
    const server = await site(t);
    const response = await fetch(`${server.url}/sub?a=1`, { redirect: 'manual' });
    assert.deepEqual([response.status, response.headers.get('location')], [308, '/sub/?a=1']);
    assert.match(await (await fetch(`${server.url}/sub`)).text(), /Sub/);
    assert.equal((await fetch(`${server.url}/dist/`)).status, 404);
  });

  it('end at the folder: no way up, no hidden file, no link out, no odd path', async (t) => {
    const server = await site(t);
    const paths = [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/sub/..%2f..%2fsecret.txt',
      '/dist/../../secret.txt',
      '/..\\secret.txt',
      '/.hidden',
      '/link.txt',
      '//sub',
      '/%00',
      '/%zz',
      '/missing.js',
      '/style.css/x',
    ];
    for (const path of paths) assert.equal(await rawStatus(server, path), '404', path);
  });

  it('answer HEAD without a body and refuse other methods', async (t) => {
    const server = await site(t);
    const head = await fetch(`${server.url}/style.css`, { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers.get('content-length'), await head.text()], [200, '3', '']);
    assert.equal((await fetch(`${server.url}/style.css`, { method: 'POST' })).status, 405);
  });
});
