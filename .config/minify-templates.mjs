// @ts-check
import MagicString from 'magic-string';
import { transform } from 'esbuild';

/**
 * @typedef {{ type: string, start: number, end: number }} Node
 * @typedef {Node & { tag: Node & { name?: string }, quasi: Node & { quasis: (Node & { value: { cooked: string } })[] } }} Template
 */

/**
 * Rollup plugin: minifies Lit's `css` templates with esbuild, which knows today's CSS, and collapses white space in
 * `html` and `svg` templates to single spaces, which changes nothing that shows. Templates whose white space may show
 * (`pre`, `textarea`) and `css` with values inside stay as they are. Runs on our sources, after TypeScript is gone.
 *
 * @returns {import('rollup').Plugin}
 */
export function minifyTemplates() {
  return {
    name: 'minify-templates',
    async transform(code, id) {
      if (id.includes('node_modules') || !/\b(css|html|svg)`/.test(code)) return null;
      const output = new MagicString(code);
      for (const { tag, quasi } of templates(this.parse(code))) {
        if (tag.name === 'css') {
          const [part, ...others] = quasi.quasis;
          if (!part || others.length > 0) continue;
          const { code: css } = await transform(part.value.cooked, { loader: 'css', minify: true });
          output.update(part.start, part.end, escape(css.trim()));
        } else if (tag.name === 'html' || tag.name === 'svg') {
          if (/<(pre|textarea)\b/.test(code.slice(quasi.start, quasi.end))) continue;
          for (const { start, end } of quasi.quasis) {
            if (end > start) output.update(start, end, code.slice(start, end).replace(/\s+/g, ' '));
          }
        }
      }
      return { code: output.toString(), map: output.generateMap({ hires: true }) };
    },
  };
}

/**
 * Every tagged template below `node`, outer ones first.
 * @param {unknown} node
 * @returns {Generator<Template>}
 */
function* templates(node) {
  if (typeof node !== 'object' || node === null) return;
  if ('type' in node && node.type === 'TaggedTemplateExpression') yield /** @type {Template} */ (node);
  for (const child of Object.values(node)) yield* templates(child);
}

/** `text` as it is written inside a template literal. @param {string} text */
function escape(text) {
  return text.replace(/[\\`]|\$\{/g, '\\$&');
}
