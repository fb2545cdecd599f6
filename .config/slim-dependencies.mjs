// @ts-check
import { transform } from 'esbuild';
import MagicString from 'magic-string';

/**
 * @typedef {{ type: string, start: number, end: number }} Node
 * @typedef {Node & { key: Node & { name?: string }, value: { body: Node } }} Method
 */

/** Classes of SignalR, each in its own file, that our connections never make one of. */
const UNUSED_CLASSES = [
  'MessageBuffer', // for stateful reconnects, which a Xians server does not offer
];

/** Methods of SignalR's `HubConnection` that our sessions never reach. */
const UNUSED_METHODS = [
  // Reconnecting: a session is one connection, made without a retry policy.
  '_reconnect',
  '_getNextRetryDelay',
  'onreconnecting',
  'onreconnected',
  // Streams: no method of a Xians hub takes or returns one.
  'stream',
  '_createStreamInvocation',
  '_createStreamItemMessage',
  '_createCancelInvocation',
  // Calls without an answer, and handlers that leave before their connection does.
  'send',
  'off',
];

/** The method that is given a call's streams, and has nothing to do without any. */
const STREAM_LAUNCHER = '_launchStreams';

/**
 * Rollup plugins: leave out of the script tag what its dependencies carry but our code cannot reach, about 6 kB after
 * gzip. Both packages are written so that tree shaking cannot tell. They fail the build if a new version no longer looks
 * as expected, so that nothing is cut blindly; and what was cut throws when it is reached after all.
 *
 * @returns {import('rollup').Plugin[]}
 */
export function slimDependencies() {
  return [withoutUnusedParts(), withShortNames()];
}

/** @returns {import('rollup').Plugin} */
function withoutUnusedParts() {
  /** @type {Set<string>} */
  const cut = new Set();
  return {
    name: 'slim-dependencies',
    transform(code, id) {
      const signalr = signalrFile(id);
      /** @type {(message: string) => never} */
      const fail = (message) => this.error(message);
      if (signalr && UNUSED_CLASSES.includes(signalr)) {
        if (!code.includes(`export class ${signalr} `)) fail(`There is no class ${signalr}.`);
        cut.add(signalr);
        return {
          code: `export class ${signalr} { constructor() ${complaint(signalr)} }`,
          map: { mappings: '' },
        };
      }
      if (signalr === 'HubConnection') {
        cut.add(signalr);
        const output = sessionOnly(code, this.parse(code), fail);
        return { code: output.toString(), map: output.generateMap({ hires: true }) };
      }
      if (/marked[\\/]lib[\\/]marked\.esm\.js$/.test(id)) {
        cut.add('marked');
        return { code: tokeniserOnly(code, fail), map: null };
      }
      return null;
    },
    buildEnd(error) {
      if (error) return;
      const missed = [...UNUSED_CLASSES, 'HubConnection', 'marked'].filter((name) => !cut.has(name));
      if (missed.length > 0) this.error(`Not met in the sources, so not left out: ${missed.join(', ')}.`);
    },
  };
}

/**
 * Shortens the members that `HubConnection` keeps to itself: they begin with `_`, no other file uses them, and the only
 * class of which it uses such members itself, `MessageBuffer`, is left out.
 *
 * @returns {import('rollup').Plugin}
 */
function withShortNames() {
  return {
    name: 'short-private-names',
    async transform(code, id) {
      if (signalrFile(id) !== 'HubConnection') return null;
      const { code: shorter, map } = await transform(code, {
        mangleProps: /^_/,
        sourcemap: 'external',
        sourcefile: id,
      });
      return { code: shorter, map };
    },
  };
}

/** Name of a file of SignalR. @param {string} id */
function signalrFile(id) {
  return /@microsoft[\\/]signalr[\\/]dist[\\/]esm[\\/](\w+)\.js$/.exec(id)?.[1];
}

/**
 * `HubConnection` without {@link UNUSED_METHODS} and without its log lines: a page cannot hand a logger to the script tag.
 *
 * @param {string} code
 * @param {Node} program
 * @param {(message: string) => never} fail
 */
function sessionOnly(code, program, fail) {
  const output = new MagicString(code);
  const missing = new Set([...UNUSED_METHODS, STREAM_LAUNCHER]);
  let logLines = 0;
  visit(program, (node) => {
    if (node.type === 'MethodDefinition') {
      const { key, value } = /** @type {Method} */ (node);
      if (!missing.delete(key.name ?? '')) return true;
      const body = complaint(`HubConnection.${key.name}`);
      const guarded = key.name === STREAM_LAUNCHER ? `{ if (arguments[0].length > 0) ${body} }` : body;
      output.update(value.body.start, value.body.end, guarded);
      return false;
    }
    if (node.type !== 'ExpressionStatement' || !code.startsWith('this._logger.log(', node.start)) return true;
    logLines++;
    output.update(node.start, node.end, ';');
    return false;
  });
  if (missing.size > 0) fail(`HubConnection has no ${[...missing].join(', ')}.`);
  if (logLines === 0) fail('HubConnection does not write its log as expected.');
  return output;
}

/** Body of what is left out. @param {string} name */
function complaint(name) {
  return `{ throw new Error('${name} is not part of this build.'); }`;
}

/**
 * marked without its HTML renderer, and without the rules of the first Markdown, which we never switch on. The renderer
 * hangs on one ready-made instance and the properties given to it, which stand at the end of the module; without them the
 * classes around it are shaken off.
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
  const pedantic = 'this.options.pedantic';
  if (!classes.includes(pedantic)) return fail('marked has another way to ask whether it is pedantic.');
  return `${classes.replaceAll(pedantic, '!1')}export{${kept.join(',')}};`;
}

/**
 * Calls `enter` with `node` and everything below it, outer ones first, except what is below a node for which it returns
 * `false`.
 *
 * @param {unknown} node
 * @param {(node: Node) => boolean} enter
 */
function visit(node, enter) {
  if (typeof node !== 'object' || node === null) return;
  if ('type' in node && !enter(/** @type {Node} */ (node))) return;
  for (const child of Object.values(node)) visit(child, enter);
}
