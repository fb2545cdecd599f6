// @ts-check
import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

const FOLDER = resolve(import.meta.dirname, '../src/locales');
const TABLE = join(FOLDER, 'index.ts');

/** In a classic script the address of the script is known only while it starts. To be the `intro` of such a bundle. */
export const SCRIPT_ADDRESS = `const scriptAddress=document.currentScript?.src||document.baseURI;`;

/** The files of the languages, by what they become in dist/. */
export function localeInputs() {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.ts') && file !== 'index.ts');
  return Object.fromEntries(files.map((file) => [`locales/${basename(file, '.ts')}`, join(FOLDER, file)]));
}

/**
 * Rollup plugin: a language is no part of what asks for it, but a file `locales/<tag>.js` beside it, the same one for every
 * build.
 *
 * @returns {import('rollup').Plugin}
 */
export function localesBeside() {
  return {
    name: 'locales-beside',
    resolveId(source, importer) {
      if (importer !== TABLE || dirname(source) !== '.') return null;
      // As if src/ were dist/, since Rollup measures the way from where the entry is.
      return { id: join(FOLDER, `${basename(source, '.ts')}.js`), external: 'relative' };
    },
    renderDynamicImport({ format, moduleId }) {
      // A classic script from elsewhere has no address of its own to start from.
      if (format !== 'iife' || moduleId !== TABLE) return null;
      return { left: 'import(new URL(', right: ',scriptAddress).href)' };
    },
  };
}
