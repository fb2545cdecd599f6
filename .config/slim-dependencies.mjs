// @ts-check

/** Classes of SignalR, each in its own file, that our connections never make one of. */
const UNUSED_SIGNALR = [
  'MessageBuffer', // for stateful reconnects, which a Xians server does not offer
];

/**
 * Rollup plugin: leaves out of the script tag what its dependencies carry but our code cannot reach, about 4 kB after
 * gzip. Both packages are written so that tree shaking cannot tell. Fails the build if a new version no longer looks
 * as expected, so that nothing is cut blindly.
 *
 * @returns {import('rollup').Plugin}
 */
export function slimDependencies() {
  /** @type {Set<string>} */
  const cut = new Set();
  return {
    name: 'slim-dependencies',
    transform(code, id) {
      const signalr = /@microsoft[\\/]signalr[\\/]dist[\\/]esm[\\/](\w+)\.js$/.exec(id)?.[1];
      if (signalr && UNUSED_SIGNALR.includes(signalr)) {
        if (!code.includes(`export class ${signalr} `)) this.error(`${id} does not export ${signalr}.`);
        cut.add(signalr);
        const why = `throw new Error('${signalr} is not part of this build.');`;
        return { code: `export class ${signalr} { constructor() { ${why} } }`, map: { mappings: '' } };
      }
      if (/marked[\\/]lib[\\/]marked\.esm\.js$/.test(id)) {
        cut.add('marked');
        return { code: tokeniserOnly(code, (message) => this.error(message)), map: null };
      }
      return null;
    },
    buildEnd(error) {
      if (error) return;
      const missed = [...UNUSED_SIGNALR, 'marked'].filter((name) => !cut.has(name));
      if (missed.length > 0) this.error(`Not met in the sources, so not left out: ${missed.join(', ')}.`);
    },
  };
}

/**
 * marked without its HTML renderer. The renderer hangs on one ready-made instance and the properties given to it, which
 * stand at the end of the module; without them the classes around it are shaken off.
 *
 * @param {string} code
 * @param {(message: string) => never} fail
 */
function tokeniserOnly(code, fail) {
  const parts = /^(?<classes>[^]*)var \w+=new \w+;function [^]*?export\{(?<names>[^}]*)\}/.exec(code);
  if (!parts?.groups) return fail('marked.esm.js does not end with an instance and its exports.');
  const { classes = '', names = '' } = parts.groups;
  const kept = names.split(',').filter((name) => / as (Lexer|Tokenizer)$/.test(name));
  if (kept.length !== 2) return fail('marked does not export Lexer and Tokenizer.');
  return `${classes}export{${kept.join(',')}};`;
}
