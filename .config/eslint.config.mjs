// @ts-check
import { resolve } from 'node:path';
import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import lit from 'eslint-plugin-lit';
import wc from 'eslint-plugin-wc';
import tseslint from 'typescript-eslint';

const ROOT = resolve(import.meta.dirname, '..');

/** Layers from left to right: each imports only from those it lists. */
const LAYERS = {
  protocol: [],
  transports: ['protocol'],
  queue: ['protocol'],
  client: ['transports', 'queue', 'protocol'],
  context: ['client', 'transports', 'queue', 'protocol'],
  elements: ['context', 'client', 'transports', 'queue', 'protocol'],
};

/** Ways to turn text into markup or code. Trusted Types would stop them on a page; this stops them here. */
const MARKUP = 'Build DOM with Lit templates or nodes: no markup or code from text.';
const unsafeSyntax = [
  {
    selector:
      'MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML|srcdoc|setHTMLUnsafe)$/]',
    message: MARKUP,
  },
  {
    selector: 'MemberExpression[object.name="document"][property.name=/^(write|writeln|parseHTMLUnsafe)$/]',
    message: MARKUP,
  },
  { selector: 'MemberExpression[property.name="createContextualFragment"]', message: MARKUP },
  {
    selector:
      'ImportDeclaration[source.value=/directives.(unsafe-html|unsafe-svg|unsafe-mathml|style-map)|static-html/]',
    message:
      'These directives put text into markup or styles; a strict Content-Security-Policy forbids both.',
  },
  {
    selector: 'TaggedTemplateExpression[tag.name=/^(html|svg)$/] TemplateElement[value.raw=/\\sstyle\\s*=/]',
    message: 'A style attribute breaks under a strict Content-Security-Policy: use a class or the CSSOM.',
  },
  {
    selector:
      'TaggedTemplateExpression[tag.name=/^(html|svg)$/] TemplateElement[value.raw=/\\son[a-z]+\\s*=/]',
    message: 'An inline handler breaks under a strict Content-Security-Policy: use @event.',
  },
];

/** `array[i]!` after a look at its length says what `noUncheckedIndexedAccess` cannot know; other uses hide a case. */
const looseNonNull = {
  selector: 'TSNonNullExpression > :not(MemberExpression[computed=true])',
  message: 'Handle the case that it is missing; only an index just checked may be taken for there.',
};

const layerRules = Object.entries(LAYERS).map(([layer, allowed]) => {
  const others = Object.keys(LAYERS).filter((name) => name !== layer && !allowed.includes(name));
  const entries = '(\\.\\./)+(index|client|xians-widgets)\\.ts$';
  const regex = others.length > 0 ? `^((\\.\\./)+(${others.join('|')})/|${entries})` : `^${entries}`;
  const message = `src/${layer}/ may import only from: ${allowed.join(', ') || 'itself'}.`;
  const selector = `ImportExpression[source.value=/${regex.replaceAll('/', '\\/')}/]`;
  return {
    files: [`src/${layer}/**/*.ts`],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: [{ regex, message }] }],
      // The rule above does not see `import()`.
      'no-restricted-syntax': ['error', ...unsafeSyntax, looseNonNull, { selector, message }],
    },
  };
});

const CLOCK = 'Time and chance come through the environment, so that a simulation can replace them.';

export default defineConfig(
  {
    ignores: ['dist/', 'coverage/', '.cache/', '**/node_modules/', 'demo/frameworks/', 'test/fixtures/'],
  },
  js.configs.recommended,
  {
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' },
    rules: { 'no-empty': ['error', { allowEmptyCatch: false }] },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: ROOT } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off', // `return fail(…)` is how a guard reads best
      '@typescript-eslint/prefer-promise-reject-errors': [
        'error',
        { allowThrowingAny: true, allowThrowingUnknown: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { ignoreRestSiblings: true, argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/no-invalid-void-type': 'off', // an event without a value is `void` in an event map
      '@typescript-eslint/no-unnecessary-boolean-literal-compare': 'off', // `!== false` also stands for "unknown"
      '@typescript-eslint/only-throw-error': 'off', // takes a field set during an await for `never`
      '@typescript-eslint/use-unknown-in-catch-callback-variable': 'off', // our own promises reject with RealtimeError
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off', // elements come by tag name, not by `new`
      '@typescript-eslint/no-meaningless-void-operator': 'off', // `void` also keeps an arrow from returning
      '@typescript-eslint/no-unsafe-enum-comparison': 'off', // SignalR's enums arrive as plain numbers
      'no-control-regex': 'off', // the hub ends its records with one
      // The one reliable sign of a composing keyboard in Safari.
      '@typescript-eslint/no-deprecated': ['error', { allow: [{ from: 'lib', name: 'keyCode' }] }],
      '@typescript-eslint/no-unnecessary-condition': 'off', // does not see what an await or a callback changes
      '@typescript-eslint/no-non-null-assertion': 'off', // see `looseNonNull`
      '@typescript-eslint/require-await': 'off', // async also turns a throw into a rejection
      '@typescript-eslint/no-empty-function': 'off', // an undo with nothing to undo
      '@typescript-eslint/unbound-method': 'off', // handlers are arrow properties; Lit binds the rest
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': 'allow-with-description' }],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  { ...lit.configs['flat/recommended'], files: ['src/**/*.ts'] },
  { ...wc.configs['flat/recommended'], files: ['src/**/*.ts'] },
  {
    files: ['src/**/*.ts', 'demo/**/*.{ts,js,mjs}'],
    rules: {
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-restricted-syntax': ['error', ...unsafeSyntax, looseNonNull],
    },
  },
  ...layerRules,
  {
    files: ['src/{client,queue,transports}/**/*.ts'],
    ignores: ['src/client/environment.ts', 'src/transports/transport.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'performance', 'requestAnimationFrame'].map((name) => ({
          name,
          message: CLOCK,
        })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: CLOCK },
        { object: 'Date', property: 'now', message: CLOCK },
        { object: 'globalThis', property: 'setTimeout', message: CLOCK },
        { object: 'window', property: 'setTimeout', message: CLOCK },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // node:test collects what `describe` and `it` return, and Chai asserts by reading a property.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['describe', 'it', 'test', 'suite'] },
            { from: 'package', package: '@open-wc/semantic-dom-diff', name: ['Equal'] },
          ],
        },
      ],
      '@typescript-eslint/no-unused-expressions': 'off',
      // Answers of the server are compared as they are; a wrong guess of their shape fails the test.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'CallExpression > MemberExpression[object.name=/^(it|test|describe|suite)$/][property.name=/^(only|skip|todo)$/]',
          message: 'Every test runs.',
        },
        {
          selector:
            'CallExpression[callee.object.name="fc"][callee.property.name="assert"]:not(:has(> ObjectExpression.arguments:has(> Property[key.name="seed"])))',
          message: 'A failure must come back: draw from the SEED of test/support/seed.ts.',
        },
        {
          selector: 'ExpressionStatement > CallExpression > MemberExpression[property.name="accessible"]',
          message: 'This assertion is a promise: await it.',
        },
      ],
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'console',
          'process',
          'URL',
          'Buffer',
          'document',
          'window',
          'fetch',
          'location',
          'localStorage',
          'setTimeout',
          'clearTimeout',
          'setInterval',
          'clearInterval',
          'performance',
          'AbortController',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
);
