// @ts-check
import { readFileSync } from 'node:fs';
import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import { dts } from 'rollup-plugin-dts';
import esbuild, { minify } from 'rollup-plugin-esbuild';
import { beside, libraryInputs, localeInputs, SCRIPT_ADDRESS } from './.config/beside.mjs';
import { minifyTemplates } from './.config/minify-templates.mjs';
import { onePolicy } from './.config/one-policy.mjs';
import { retryImports } from './.config/retry-imports.mjs';
import { slimDependencies } from './.config/slim-dependencies.mjs';

// What ships, and how it is made. `npm run build` runs these and then writes the manifest and the hashes and
// holds the sizes against their budgets: .config/build.mjs.

const { dependencies } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));
/** @param {string} id */
const isDependency = (id) =>
  Object.keys(dependencies).some((name) => id === name || id.startsWith(`${name}/`));

const typescript = esbuild({ target: 'es2022', tsconfig: 'tsconfig.json', sourceMap: true });
// 'production' keeps Lit's development warnings out of pages.
const bundled = [
  beside({ libraries: true }),
  slimDependencies(),
  onePolicy(),
  resolve({ browser: true, exportConditions: ['production'] }),
  typescript,
  minifyTemplates(),
];
/**
 * Two minifiers, since each folds what the other leaves: 3 % less than with either alone.
 * @param {import('@rollup/plugin-terser').Options} [options]
 */
const minified = (options) => [
  minify({ target: 'es2022' }),
  terser({ ...options, compress: { passes: 2 }, format: { comments: false } }),
];

/** @type {import('rollup').OutputOptions} */
const modules = {
  dir: 'dist',
  format: 'es',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
  sourcemap: true,
  compact: true,
};

/**
 * Whatever Rollup finds odd in our modules is an error: an unresolved import, a circle. Dependencies are as they are.
 * @type {import('rollup').WarningHandlerWithDefault}
 */
const onwarn = (warning) => {
  const where = warning.ids ?? [warning.id ?? warning.loc?.file ?? ''];
  if (!where.every((id) => id.includes('node_modules'))) throw new Error(warning.message);
};

/** @type {Record<'script' | 'locales' | 'libraries' | 'bundle' | 'packages' | 'types', import('rollup').RollupOptions>} */
export const builds = {
  // The script tag: a small entry, everything else on first need.
  script: {
    input: { 'xians-widgets': 'src/xians-widgets.ts' },
    output: { ...modules, plugins: [retryImports(), ...minified({ module: true })] },
    plugins: bundled,
    onwarn,
  },
  // Words in other languages than English, each a file of its own beside whichever script it is that asks for it.
  locales: {
    input: localeInputs(),
    output: { ...modules, sourcemap: false, plugins: minified({ module: true }) },
    plugins: [typescript],
    onwarn,
  },
  // What formulas and colours in code need, likewise, as their authors published it.
  libraries: {
    input: libraryInputs(),
    output: { ...modules, sourcemap: false, plugins: [terser({ module: true, format: { comments: /^!/ } })] },
    plugins: [resolve({ browser: true })],
    onwarn,
  },
  // The same in one classic file, for hosts that take a single asset; locales and libraries stay beside it.
  bundle: {
    input: 'src/xians-widgets.ts',
    output: {
      file: 'dist/xians-widgets.bundle.js',
      format: 'iife',
      inlineDynamicImports: true,
      intro: SCRIPT_ADDRESS,
      sourcemap: true,
      plugins: minified(),
    },
    plugins: bundled,
    onwarn,
  },
  // For bundlers and Node: readable, dependencies left to whoever bundles.
  packages: {
    input: { index: 'src/index.ts', client: 'src/client.ts' },
    output: { ...modules, chunkFileNames: 'shared/[name]-[hash].js', compact: false },
    external: isDependency,
    plugins: [beside({ libraries: false }), typescript],
    onwarn,
  },
  types: {
    input: { index: 'src/index.ts', client: 'src/client.ts' },
    output: { dir: 'dist', format: 'es', chunkFileNames: 'shared/[name].d.ts' },
    external: isDependency,
    plugins: [dts({ tsconfig: 'tsconfig.json' })],
    onwarn,
  },
};

export default Object.values(builds);
