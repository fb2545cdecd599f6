import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it, type TestContext } from 'node:test';
import { mintToken } from '../../demo/server/jwt.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { waitFor } from '../support/wait.ts';
import { ForeignClient } from './foreign-client.ts';
import { PROGRAMS } from './programs.ts';

/** Quick enough for a test, long enough for a loaded machine to answer in. */
const WATCHFUL = { INCIDENTS_PING_MS: '400', INCIDENTS_PONG_MS: '2000' };

for (const program of PROGRAMS) {
  describe(`the ${program.name} client`, () => {
    let command: readonly string[] = [];
    let missing: string | undefined;
    let server: TestServer;
    let clients: ForeignClient[] = [];

    before(async () => {
      const prepared = await program.prepare();
      if ('missing' in prepared) missing = prepared.missing;
      else command = prepared.command;
    });
    beforeEach(async () => {
      server = await startServer();
    });
    afterEach(async () => {
      for (const client of clients) await client.kill();
      clients = [];
      await server.stop();
    });
    after(() => {
      console.log(missing ? `# ${program.name} did not run: ${missing}` : `# ${program.name} ran`);
    });

    function start(env: Readonly<Record<string, string>> = {}): ForeignClient {
      const client = new ForeignClient(command, { INCIDENTS_URL: server.url, ...env });
      clients.push(client);
      return client;
    }

    async function create(title: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
      const answer = await server.control({
        fault: 'incidents-create',
        incidents: [{ title, ...more }],
      });
      return (answer as { ids: string[] }).ids[0]!;
    }

    /** Where the tool is missing, the test passes and says so: a machine need not have every language. */
    function test(name: string, body: (t: TestContext) => Promise<void>): void {
      it(name, async (t) => {
        if (missing) t.diagnostic(`Not run: ${missing}`);
        else await body(t);
      });
    }

    test('reads what there is, then hears of what is new and of what changes', async () => {
      const old = await create('Old');
      const { transcript } = start();
      await transcript.nth('synced', 1);
      assert.deepEqual(
        transcript.versions(old).map(({ title }) => title),
        ['Old'],
      );
      await transcript.nth('heartbeat', 1);
      const fresh = await create('New', { severity: 'P0' });
      await transcript.tells(fresh, 'severity', 'P0');
      await server.control({ fault: 'incidents-update', id: old, state: 'TRIAGED' });
      await transcript.tells(old, 'state', 'TRIAGED');
    });

    test('X3: tells once what comes twice, and keeps the newest of what comes in any order', async () => {
      const { transcript } = start();
      await transcript.nth('synced', 1);
      await server.control({ fault: 'incidents-duplicate-events', times: 3 });
      await server.control({ fault: 'incidents-reorder-events', on: true });
      const first = await create('First');
      for (const state of ['TRIAGED', 'INVESTIGATING', 'RESOLVED']) {
        await server.control({ fault: 'incidents-update', id: first, state });
      }
      await transcript.tells(first, 'state', 'RESOLVED');
      await server.control({ fault: 'incidents-reorder-events', on: false });
      const last = await create('Last');
      await transcript.tells(last, 'title', 'Last');
      const states = transcript.versions(first).map(({ state }) => state);
      assert.equal(new Set(states).size, states.length, String(states));
      assert.equal(states.at(-1), 'RESOLVED');
    });

    test('W2: comes back after a cut, reads what it missed and is subscribed again', async () => {
      const { transcript } = start();
      await transcript.nth('synced', 1);
      const changed = await create('Before');
      await transcript.tells(changed, 'title', 'Before');

      await server.control({ fault: 'incidents-refuse-sockets', on: true });
      await server.control({ fault: 'incidents-close', code: 1006 });
      await transcript.nth('disconnected', 1);
      const missed = await create('Missed');
      await server.control({ fault: 'incidents-update', id: changed, state: 'RESOLVED' });
      await transcript.nth('disconnected', 2); // it has tried, in vain
      await server.control({ fault: 'incidents-refuse-sockets', on: false });

      await transcript.nth('connected', 2);
      await transcript.tells(missed, 'title', 'Missed');
      await transcript.tells(changed, 'state', 'RESOLVED');
      await transcript.nth('synced', 2);
      const live = await create('After');
      await transcript.until('an incident by the stream', () =>
        transcript.of('incident').some(({ incident, via }) => {
          return (incident as { id: string }).id === live && via === 'stream';
        }),
      );
      const { incidents } = await server.report();
      assert.equal(incidents.sockets, 1);
      assert.equal(incidents.subscriptions, 2);
    });

    test('reads a server that tells nothing but heartbeats, and one that writes times in another way', async () => {
      await server.control({ fault: 'incidents-mode', mode: 'async-graphql' });
      await server.control({ fault: 'incidents-dialect', time: 'offset9' });
      const id = await create('Quiet');
      const { transcript } = start();
      await transcript.nth('synced', 1);
      await transcript.nth('heartbeat', 1);
      await server.control({ fault: 'incidents-dialect', time: 'z3' });
      await server.control({ fault: 'incidents-close', code: 1001 });
      await transcript.nth('synced', 2);
      assert.equal(transcript.versions(id).length, 1);
      assert.equal(transcript.of('error').length, 0);
    });

    test('G7: notices that a server which keeps the connection open is gone', async () => {
      // Silent for longer than a client that asks, and gets no answer, would bear.
      await server.control({ fault: 'incidents-heartbeats', everyMs: 3_000 });
      const { transcript } = start(WATCHFUL);
      await transcript.nth('heartbeat', 2);
      assert.equal(transcript.of('disconnected').length, 0);
      await server.control({ fault: 'incidents-mute', on: true });
      await transcript.nth('disconnected', 1);
      await server.control({ fault: 'incidents-mute', on: false });
      await transcript.nth('connected', 2);
      await transcript.nth('synced', 2);
    });

    test('W4: does not wait for ever for an acknowledgement', async () => {
      await server.control({ fault: 'incidents-mute', on: true });
      const { transcript } = start(WATCHFUL);
      await transcript.nth('disconnected', 1);
      await server.control({ fault: 'incidents-mute', on: false });
      await transcript.nth('synced', 1);
    });

    test('W6: answers pings, and W8: comes back after a malformed frame', async () => {
      const { transcript } = start();
      await transcript.nth('synced', 1);
      await server.control({ fault: 'incidents-raw-frame', text: '{"type":"ping"}' });
      const heard = await create('After a ping');
      await transcript.tells(heard, 'title', 'After a ping');
      assert.equal(transcript.of('disconnected').length, 0);
      await server.control({ fault: 'incidents-raw-frame', text: '{"type":' });
      await transcript.nth('connected', 2);
      await transcript.nth('synced', 2);
    });

    test('W10: asks for the token before each connection, and R7: stops when that is refused', async (t) => {
      const folder = await mkdtemp(join(tmpdir(), 'token-'));
      t.after(() => rm(folder, { recursive: true }));
      const file = join(folder, 'token');
      await writeFile(file, mintToken('ann'));
      await server.control({ fault: 'incidents-auth', required: true });
      const client = start({ INCIDENTS_TOKEN_FILE: file });
      const { transcript } = client;
      await transcript.nth('synced', 1);

      await writeFile(file, mintToken('bob'));
      await server.control({ fault: 'incidents-close', code: 4401 });
      await transcript.nth('connected', 2);
      await transcript.nth('synced', 2);

      await writeFile(file, 'not-a-token');
      await server.control({ fault: 'incidents-close', code: 4401 });
      assert.equal(await client.ended(), 1);
      assert.equal(transcript.of('ended').length, 1);
      assert.ok(!JSON.stringify(transcript.lines).includes('not-a-token'));
    });

    test('W7: tells what the server says against a subscription, and goes on with the others', async () => {
      await server.control({
        fault: 'incidents-errors',
        style: 'error',
        what: 'subscription',
        message: 'No, thanks',
        count: 1,
      });
      const { transcript } = start();
      await transcript.until('the error', () =>
        transcript.of('error').some(({ message }) => message === 'No, thanks'),
      );
      await transcript.nth('synced', 1);
      const { incidents } = await server.report();
      assert.equal(incidents.subscriptions, 1);
      assert.equal(transcript.of('disconnected').length, 0);
    });

    test('W1: leaves for good when asked to', async () => {
      const client = start();
      await client.transcript.nth('synced', 1);
      assert.equal(await client.leave(), 0);
      await waitFor(async () => (await server.report()).incidents.sockets === 0, 'the socket to close');
      assert.equal(client.transcript.of('ended').length, 0);
    });
  });
}
