import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { ESLint } from 'eslint';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * On a build machine (`CI=true`) typescript-eslint expects to see each file once, and may lint the file on disk instead of
 * the text it is given. These tests give many texts for one path: they opt out, and run everywhere as if they were there.
 */
process.env.CI = 'true';
const eslint = new ESLint({
  cwd: ROOT,
  overrideConfigFile: resolve(ROOT, '.config/eslint.config.mjs'),
  overrideConfig: {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { disallowAutomaticSingleRunInference: true } },
  },
});

/** What the linter would say of `code` if it were the text of `path`, which has to exist. */
async function complaints(path: string, code: string): Promise<string[]> {
  const results = await eslint.lintText(code, { filePath: resolve(ROOT, path) });
  const messages = results.flatMap((result) => result.messages);
  const broken = messages.find((message) => message.fatal);
  assert.equal(broken, undefined, broken?.message);
  return messages.map((message) => message.message);
}

async function assertRefused(path: string, code: string, expected: RegExp): Promise<void> {
  const found = await complaints(path, code);
  assert.ok(
    found.some((message) => expected.test(message)),
    `${path}: ${code}\nfound only: ${found.join(' | ')}`,
  );
}

describe('the layer rule', () => {
  const wrongTurns: [path: string, specifier: string][] = [
    ['src/protocol/types.ts', '../transports/transport.ts'],
    ['src/protocol/types.ts', '../client/types.ts'],
    ['src/transports/transport.ts', '../queue/outbox.ts'],
    ['src/transports/transport.ts', '../client/types.ts'],
    ['src/client/types.ts', '../elements/events.ts'],
    ['src/client/types.ts', '../context/client-context.ts'],
    ['src/client/types.ts', '../index.ts'],
    ['src/client/types.ts', '../client.ts'],
  ];
  for (const [path, specifier] of wrongTurns) {
    it(`refuses "${specifier}" in ${path}, static or dynamic`, async () => {
      await assertRefused(path, `import '${specifier}';\n`, /may import only from/);
      await assertRefused(path, `export * from '${specifier}';\n`, /may import only from/);
      await assertRefused(path, `export const later = import('${specifier}');\n`, /may import only from/);
    });
  }

  it('lets imports go from left to right, and inside a layer', async () => {
    assert.deepEqual(
      await complaints(
        'src/client/types.ts',
        `export * from '../transports/transport.ts';\nexport * from '../protocol/types.ts';\nexport * from './environment.ts';\n`,
      ),
      [],
    );
  });
});

describe('the rules for safe markup', () => {
  const path = 'src/protocol/types.ts';
  const unsafe: [what: string, code: string][] = [
    ['innerHTML', `document.body.innerHTML = 'x';`],
    ['outerHTML', `document.body.outerHTML = 'x';`],
    ['insertAdjacentHTML', `document.body.insertAdjacentHTML('beforeend', 'x');`],
    ['document.write', `document.write('x');`],
    [
      'unsafeHTML',
      `import { unsafeHTML } from 'lit/directives/unsafe-html.js';\nexport const a = unsafeHTML('x');`,
    ],
    [
      'static html',
      `export * from 'lit/static-html.js';\nimport { unsafeStatic } from 'lit/static-html.js';\nexport { unsafeStatic };`,
    ],
    ['styleMap', `import { styleMap } from 'lit/directives/style-map.js';\nexport { styleMap };`],
    [
      'a style attribute',
      'import { html } from \'lit\';\nexport const a = html`<p style="color: red"></p>`;',
    ],
    ['an inline handler', 'import { html } from \'lit\';\nexport const a = html`<p onclick="go()"></p>`;'],
    ['eval', `eval('1');`],
    ['new Function', `export const f = new Function('return 1');`],
  ];
  for (const [what, code] of unsafe) {
    it(`refuse ${what}`, () =>
      assertRefused(path, `${code}\n`, /markup|styles|Content-Security-Policy|eval|Function constructor/));
  }

  it('accept a plain template', async () => {
    const code =
      'import { html } from \'lit\';\nexport const a = html`<p class="note" @click=${() => {}}>text</p>`;\n';
    assert.deepEqual(await complaints(path, code), []);
  });
});

describe('the rule for time and chance', () => {
  for (const code of [
    'setTimeout(() => {}, 1);',
    'export const n = Date.now();',
    'export const r = Math.random();',
  ]) {
    it(`refuses ${code} in the client, but not in its environment`, async () => {
      await assertRefused('src/client/types.ts', `${code}\n`, /through the environment/);
      assert.deepEqual(await complaints('src/client/environment.ts', `${code}\n`), []);
    });
  }
});

describe('the rule for tests that draw', () => {
  const path = 'test/queue/lanes.test.ts';
  const start = `import fc from 'fast-check';\nfc.assert(fc.property(fc.nat(), (n) => n >= 0)`;

  it('wants a seed', async () => {
    for (const rest of [');', ', { numRuns: 2 });']) {
      await assertRefused(path, `${start}${rest}\n`, /A failure must come back/);
    }
    assert.deepEqual(await complaints(path, `${start}, { seed: 1 });\n`), []);
  });
});

describe('the rule for catches', () => {
  it('refuses an empty one', async () => {
    await assertRefused(
      'src/protocol/types.ts',
      `try {\n  document.title = '';\n} catch {}\n`,
      /Empty block/,
    );
  });
});
