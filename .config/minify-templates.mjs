// @ts-check
import MagicString from 'magic-string';
import { transform } from 'esbuild';

/**
 * @typedef {{ type: string, start: number, end: number }} Node
 * @typedef {Node & { tag: Node & { name?: string }, quasi: Node & { quasis: (Node & { value: { cooked: string } })[] } }} Template
 */

/** Stands for a template's expressions while its markup is read; no source of ours contains it. */
const VALUE = '\u0001';

const TOKEN = /<\/?([a-z][\w-]*)(?:"[^"]*"|'[^']*'|[^'">])*>|[^<]+|</gi;

/** Their white space may show. */
const VERBATIM = /^(pre|textarea)$/;

/** Elements that no style sheet of ours puts into a line of text: white space beside their tags never shows. */
const BLOCK =
  /^(article|blockquote|br|circle|dd|details|div|dl|dt|figcaption|figure|form|h[2-6]|header|hr|li|ol|p|path|pre|rect|section|summary|table|tbody|td|th|thead|tr|ul)$/;

/**
 * Rollup plugin: minifies Lit's `css` templates with esbuild, which knows today's CSS, and the white space of `html` and
 * `svg` templates: none beside block elements, single spaces elsewhere, which changes nothing that shows. `css` with
 * values inside stays as it is. Runs on our sources, after TypeScript is gone.
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
        const parts = quasi.quasis;
        if (tag.name === 'css') {
          const [part, ...others] = parts;
          if (!part || part.end === part.start || others.length > 0) continue;
          const { code: css } = await transform(part.value.cooked, { loader: 'css', minify: true });
          output.update(part.start, part.end, escape(css.trim()));
        } else if (tag.name === 'html' || tag.name === 'svg') {
          const minified = minifyMarkup(parts.map(({ start, end }) => code.slice(start, end)));
          parts.forEach(({ start, end }, index) => {
            if (end > start) output.update(start, end, minified[index] ?? '');
          });
        }
      }
      return { code: output.toString(), map: output.generateMap({ hires: true }) };
    },
  };
}

/**
 * The strings of one template, as written in the source, with less white space. There are as many as before.
 * @param {readonly string[]} strings
 */
function minifyMarkup(strings) {
  const tokens = [...strings.join(VALUE).matchAll(TOKEN)].map(([text, tag]) => ({ text, tag }));
  /** @param {{ tag: string | undefined } | undefined} token */
  const isBlock = (token) => token?.tag !== undefined && BLOCK.test(token.tag);
  let verbatim = false;
  const output = tokens.map(({ text, tag }, index) => {
    if (tag !== undefined) {
      if (VERBATIM.test(tag)) verbatim = !text.startsWith('</');
      return text.replace(/\s+/g, ' ').replace(/ (?=>$)|(?<=") (?=\/>$)/, '');
    }
    if (verbatim) return text;
    let short = text.replace(/\s+/g, ' ');
    if (isBlock(tokens[index - 1])) short = short.replace(/^ /, '');
    return isBlock(tokens[index + 1]) ? short.replace(/ $/, '') : short;
  });
  return output.join('').split(VALUE);
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
