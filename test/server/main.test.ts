import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../support/wait.ts';
import { serve } from './fixture.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function start(t: TestContext, port: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'demo/server/main.ts'], {
    cwd: ROOT,
    env: { ...process.env, PORT: port },
  });
  t.after(() => child.kill('SIGKILL'));
  const output = { out: '', error: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.error += chunk.toString()));
  const exit = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>;
  return { child, output, exit };
}

describe('npm start', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`prints its address, serves, and exits cleanly on ${signal}`, async (t) => {
      const { child, output, exit } = start(t, '0');
      const url = await waitFor(
        () => /^http:\/\/localhost:\d+$/m.exec(output.out)?.[0],
        `an address, got ${output.error}`,
      );
      await waitFor(() => output.out.trim().split('\n').length === 3, 'two more lines');
      const port = new URL(url).port;
      assert.equal((await fetch(`http://127.0.0.1:${port}/health`)).status, 200);
      child.kill(signal);
      assert.deepEqual(await exit, [0, null]);
      assert.equal(output.error, '');
    });
  }

  it('says when the port is taken or no port', async (t) => {
    const { port } = await serve(t);
    const taken = start(t, String(port));
    assert.deepEqual(await taken.exit, [1, null]);
    assert.match(taken.output.error, new RegExp(`^Port ${port} is in use\\. .*PORT=`));
    const wrong = start(t, 'eighty');
    assert.deepEqual(await wrong.exit, [1, null]);
    assert.match(wrong.output.error, /^PORT must be a number between 0 and 65535, not "eighty"\.$/m);
  });
});
