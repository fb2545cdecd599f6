// @ts-check
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

const SOURCE = resolve(import.meta.dirname, '../src');
const LOCALES = join(SOURCE, 'locales');
const TABLE = join(LOCALES, 'index.ts');

/** Libraries that few messages need and that need nothing of ours, by what they become in dist/. */
const LIBRARIES = new Map([
  ['temml', 'extras/formulas'],
  ['@highlightjs/cdn-assets/es/core.min.js', 'extras/code'],
]);
const GRAMMAR = /@highlightjs\/cdn-assets\/es\/languages\/([\w-]+)\.min\.js/;

/** In a classic script the address of the script is known only while it starts. To be the `intro` of such a bundle. */
export const SCRIPT_ADDRESS = `const scriptAddress=document.currentScript?.src||document.baseURI;`;

/** The languages that people speak, as inputs of a build: modules by what they become in dist/. */
export function localeInputs() {
  const files = readdirSync(LOCALES).filter((file) => file.endsWith('.ts') && file !== 'index.ts');
  return Object.fromEntries(files.map((file) => [`locales/${basename(file, '.ts')}`, join(LOCALES, file)]));
}

/** The libraries, likewise, with every grammar that code is coloured by. */
export function libraryInputs() {
  const table = readFileSync(join(SOURCE, 'elements/code-grammars.ts'), 'utf8');
  const grammars = [...table.matchAll(new RegExp(GRAMMAR, 'g'))].map(([module]) => module);
  return Object.fromEntries(
    [...LIBRARIES.keys(), ...grammars].map((module) => [libraryFile(module), module]),
  );
}

/**
 * Rollup plugin: a language, or a library, is no part of what asks for it by `import()`, but a file beside it
 * (`locales/<tag>.js`, `extras/<name>.js`), the same one for the script and for the classic bundle.
 *
 * @param {{ libraries: boolean }} options `false` leaves libraries to whoever bundles.
 * @returns {import('rollup').Plugin}
 */
export function beside({ libraries }) {
  return {
    name: 'beside',
    resolveId(source, importer) {
      const file =
        importer === TABLE && dirname(source) === '.'
          ? `locales/${basename(source, '.ts')}`
          : libraries && importer?.startsWith(SOURCE) && libraryFile(source);
      // As if src/ were dist/, since Rollup measures the way from where the entry is.
      return file ? { id: join(SOURCE, `${file}.js`), external: 'relative' } : null;
    },
    renderDynamicImport({ format, targetModuleId }) {
      // A classic script from elsewhere has no address of its own to start from.
      if (format !== 'iife' || !targetModuleId?.startsWith(SOURCE)) return null;
      return { left: 'import(new URL(', right: ',scriptAddress).href)' };
    },
  };
}

/** @param {string} module */
function libraryFile(module) {
  const grammar = GRAMMAR.exec(module)?.[1];
  return grammar ? `extras/code-${grammar}` : LIBRARIES.get(module);
}
