import { build } from 'esbuild';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Client from '../../src/client.ts';

export type Product = typeof Client;

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * The client, in one module. Bundled, since Node loads a part that is imported on first need at a pace of its own, which
 * no seed repeats. `root`: default this repository; another copy of it to see the proof fail.
 */
export async function loadProduct(root = process.env['SIM_ROOT'] ?? ROOT): Promise<Product> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'src/client.ts')],
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['import'],
    target: 'es2022',
    write: false,
    sourcemap: 'inline',
    tsconfig: join(ROOT, 'tsconfig.json'),
    nodePaths: [join(ROOT, 'node_modules')],
    logLevel: 'error',
  });
  const folder = await mkdtemp(join(tmpdir(), 'xians-sim-'));
  try {
    const file = join(folder, 'client.mjs');
    await writeFile(file, outputFiles[0]!.text);
    return (await import(pathToFileURL(file).href)) as Product;
  } finally {
    await rm(folder, { recursive: true });
  }
}
