import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { build } from 'esbuild';

const FOLDER = resolve(import.meta.dirname, '../../demo/clients/apollo-react');

/** The page of demo/clients/apollo-react/, its program inside. */
export async function bundlePage(): Promise<{ html: string; script: string }> {
  const { outputFiles } = await build({
    entryPoints: [resolve(FOLDER, 'main.jsx')],
    bundle: true,
    write: false,
    format: 'esm',
    jsx: 'automatic',
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return {
    html: await readFile(resolve(FOLDER, 'index.html'), 'utf8'),
    script: outputFiles[0]?.text ?? '',
  };
}
