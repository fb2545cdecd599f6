// Usage: node unpack.mjs <folder>. Puts the packaged browser, the libraries a bare machine lacks and fonts into
// <folder>. The browser comes last and by a rename, so that its presence means that everything is there.
import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';

const folder = process.argv[2];
if (!folder) throw new Error('Usage: node unpack.mjs <folder>');
const packed = join(import.meta.dirname, 'node_modules/@sparticuz/chromium/bin');

mkdirSync(folder, { recursive: true });
await untar('al2023.tar.br');
await untar('fonts.tar.br');
writeFileSync(
  join(folder, 'fonts.conf'),
  `<?xml version="1.0"?>
<fontconfig>
  <dir>${join(folder, 'fonts')}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(folder, 'fonts-cache')}</cachedir>
</fontconfig>
`,
);
const part = join(folder, `browser-${process.pid}`);
await pipeline(
  createReadStream(join(packed, 'chromium.br')),
  createBrotliDecompress(),
  createWriteStream(part, { mode: 0o755 }),
);
renameSync(part, join(folder, 'chrome-headless-shell'));

/** @param {string} archive */
async function untar(archive) {
  const plain = join(folder, archive.replace('.br', ''));
  await pipeline(createReadStream(join(packed, archive)), createBrotliDecompress(), createWriteStream(plain));
  const { status } = spawnSync('tar', ['-x', '-f', plain, '-C', folder], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`tar could not unpack ${archive}.`);
  rmSync(plain);
}
