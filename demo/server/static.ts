import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Exchange } from './exchange.ts';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '': 'text/plain; charset=utf-8', // LICENSE
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ts': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/**
 * Serves the folders of `roots`: URL prefix to folder, or whole path to one file; the longest prefix wins. A folder
 * stands for its `index.html`. Other pages may load the files too, as a script of a CDN would be.
 */
export async function serveStatic(
  roots: Readonly<Record<string, string>>,
  exchange: Exchange,
): Promise<void> {
  const { method, path, request, response } = exchange;
  if (method !== 'GET' && method !== 'HEAD') return exchange.empty(405);
  const file = await findFile(roots, path);
  if (file === undefined) return exchange.send(404, 'text/plain; charset=utf-8', 'Not found');
  if (file.isFolder && !path.endsWith('/')) {
    const query = request.url?.slice(path.length) ?? '';
    response.writeHead(308, { Location: `${path}/${query}`, 'Content-Length': 0 }).end();
    return;
  }
  response.writeHead(200, {
    'Content-Type': CONTENT_TYPES[extname(file.path).toLowerCase()] ?? 'application/octet-stream',
    'Content-Length': file.size,
    'Cache-Control': 'no-cache',
    'Access-Control-Allow-Origin': '*',
    'X-Content-Type-Options': 'nosniff',
  });
  if (method === 'HEAD') {
    response.end();
    return;
  }
  await pipeline(createReadStream(file.path), response).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error; // That one is a reader who left.
  });
}

interface FoundFile {
  path: string;
  size: number;
  /** The path named a folder; `path` is its index page. */
  isFolder: boolean;
}

async function findFile(
  roots: Readonly<Record<string, string>>,
  urlPath: string,
): Promise<FoundFile | undefined> {
  const decoded = decode(urlPath);
  if (decoded === undefined || decoded.includes('\0') || decoded.includes('\\')) return undefined;
  const prefix = Object.keys(roots)
    .filter((candidate) => decoded.startsWith(candidate))
    .sort((a, b) => b.length - a.length)[0];
  const root = prefix === undefined ? undefined : roots[prefix];
  if (prefix === undefined || root === undefined) return undefined;
  const below = decoded.slice(prefix.length);
  // Hidden files, ways up and doubled slashes are not part of a site. The real path is checked too, because of links.
  if (/(^|\/)[./]/.test(below)) return undefined;
  return existing(resolve(root), join(resolve(root), below));
}

async function existing(root: string, wanted: string): Promise<FoundFile | undefined> {
  try {
    const isFolder = (await stat(wanted)).isDirectory();
    const path = await realpath(isFolder ? join(wanted, 'index.html') : wanted);
    const top = await realpath(root);
    if (path !== top && !path.startsWith(top + sep)) return undefined;
    const found = await stat(path);
    return found.isFile() ? { path, size: found.size, isFolder } : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined;
    throw error;
  }
}

function decode(urlPath: string): string | undefined {
  try {
    return decodeURIComponent(urlPath);
  } catch {
    return undefined; // Broken percent-encoding names no file.
  }
}
