import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { rollup } from 'rollup';
import ts from 'typescript';
import { WebSocket } from 'ws';
import { builds } from '../../../rollup.config.mjs';
import type * as Client from '../../../src/client.ts';
import type * as Everything from '../../../src/index.ts';
import { startServer } from '../../support/node-server.ts';
import { waitFor } from '../../support/wait.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

describe('the types in the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'consumer-'));
  after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/xians-widgets'), 'dir');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');

  /** What a strict compiler says of `code` in a project that depends on the package. */
  function compile(code: string, options: ts.CompilerOptions): string[] {
    const file = join(folder, 'consumer.ts');
    writeFileSync(file, code);
    const program = ts.createProgram([file], {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
      types: [],
      noEmit: true,
      ...options,
    });
    return ts
      .getPreEmitDiagnostics(program)
      .map(
        ({ file: where, messageText }) =>
          `${where?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      );
  }

  const resolutions: Record<string, ts.CompilerOptions> = {
    bundler: { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
    nodenext: { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
  };
  for (const [name, options] of Object.entries(resolutions)) {
    it(`serve a strict project with module resolution "${name}"`, () => {
      const code = `
        import { XiansChat, XiansMessageSentEvent } from 'xians-widgets';
        import { createHybridClient, RealtimeError, type HybridClient } from 'xians-widgets/client';
        const chat: XiansChat = document.createElement('xians-chat');
        chat.addEventListener('xians-message-sent', (event) => {
          const known: XiansMessageSentEvent = event;
          console.log(known.type);
        });
        const client: HybridClient = createHybridClient({ serverUrl: 'https://x.test', tenantId: 'acme' });
        client.on('error', (error: RealtimeError) => console.log(error.code));
      `;
      assert.deepEqual(compile(code, options), []);
    });

    it(`catch a mistake with module resolution "${name}"`, () => {
      const code = `import { createHybridClient } from 'xians-widgets/client';\ncreateHybridClient({ serverUrl: 1 });`;
      assert.match(compile(code, options).join('\n'), /number/);
    });
  }
});

describe('the package', () => {
  it('holds a conversation in Node, without a DOM', async () => {
    const name = 'xians-widgets/client'; // in a variable, so that it is the built package that is imported
    const { createHybridClient, defaultEnvironment } = (await import(name)) as typeof Client;
    const server = await startServer({ agentDelayMs: 10 });
    const client = createHybridClient({
      serverUrl: server.url,
      tenantId: 'acme',
      participantId: 'jane@example.com',
      apiKey: 'sk-Xnai-dev',
      environment: defaultEnvironment({ WebSocket: WebSocket as unknown as typeof globalThis.WebSocket }),
    });
    try {
      const conversation = client.conversation('Support Agent:Chat Flow');
      conversation.open();
      await conversation.send('When do you open?');
      await waitFor(
        () => conversation.messages.some(({ author }) => author === 'agent'),
        'the agent answers',
      );
      assert.equal(conversation.messages[0]?.text, 'When do you open?');
    } finally {
      await client.dispose();
      await server.stop();
    }
  });

  it('can be imported where there is no page, as server-side rendering does', async () => {
    const name = 'xians-widgets';
    const { XiansChat } = (await import(name)) as typeof Everything;
    assert.equal(typeof XiansChat, 'function');
  });

  it('describes every public element for editors', () => {
    const manifest = JSON.parse(read('dist/custom-elements.json')) as {
      modules: { declarations: { tagName?: string }[] }[];
    };
    const tags = manifest.modules.flatMap((module) =>
      module.declarations.flatMap(({ tagName }) => tagName ?? []),
    );
    assert.deepEqual(tags.sort(), ['connection-status', 'xians-chat', 'xians-provider']);
  });

  it('publishes the hash of every script that a page can load', () => {
    const hashes = Object.entries(JSON.parse(read('dist/integrity.json')) as Record<string, string>);
    assert.ok(hashes.length > 2);
    for (const [path, hash] of hashes) {
      assert.equal(
        hash,
        `sha384-${createHash('sha384')
          .update(read(`dist/${path}`))
          .digest('base64')}`,
        path,
      );
    }
  });

  it('is built the same from the same sources', async () => {
    const again = await buildScript();
    assert.ok(again.size > 2);
    for (const [path, code] of again) assert.equal(code, read(`dist/${path}`), path);
  });
});

/** The script tag, built in memory. */
async function buildScript(): Promise<Map<string, string>> {
  const { output, ...input } = builds.script;
  if (!output || Array.isArray(output)) throw new Error('Each build has exactly one output.');
  const bundle = await rollup(input);
  const result = await bundle.generate(output);
  await bundle.close();
  return new Map(
    result.output.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file.code]] : [])),
  );
}
