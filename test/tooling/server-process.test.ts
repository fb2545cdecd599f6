import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ServerProcess } from '../support/server-process.ts';

const TO = { workflow: 'Silent Agent:Silent Flow', participantId: 'jane@example.com' };

describe('a server in a process of its own', () => {
  it('comes back on its port with what was stored, after it was killed', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'process-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const server = await ServerProcess.start({ storeFile: join(folder, 'store.jsonl') });
    t.after(() => server.stop());
    const { url } = server;
    await server.control({ fault: 'publish', ...TO, text: 'Kept' });
    await server.kill();
    await assert.rejects(server.report());
    await server.start();
    assert.equal(server.url, url);
    assert.deepEqual(
      (await server.report()).stored.map(({ text }) => text),
      ['Kept'],
    );
    await assert.rejects(server.control({ fault: 'unheard-of' }), /no fault/);
  });
});
