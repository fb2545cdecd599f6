import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import {
  bench,
  fastEnvironment,
  JANE,
  mintToken,
  PATIENT,
  record,
  rejection,
  waitFor,
  WORKFLOW,
} from './support.ts';

const KEY = 'sk-Xnai-mB92K27uhbUJU1p1r_wW1gFWFOEjXk-AbC_123-secret';
const TEXT = 'unspeakable-words';

/** Everything that reaches the console while the test runs. */
function watchConsole(t: TestContext): string[] {
  const lines: string[] = [];
  for (const level of ['debug', 'log', 'info', 'warn', 'error', 'trace'] as const) {
    t.mock.method(
      console,
      level,
      (...args: unknown[]) => void lines.push(args.map((arg) => inspect(arg)).join(' ')),
    );
  }
  return lines;
}

describe('secrets', () => {
  for (const [kind, value] of [
    ['apiKey', KEY],
    ['token', mintToken(JANE)],
  ] as const) {
    it(`W7.2-19: no ${kind}, text or address with a query reaches the console, the logger or an error`, async (t) => {
      const consoleLines = watchConsole(t);
      const { server, hub, rest, sse } = await bench(t, { apiKeys: { [KEY]: 'acme' } });
      const log: string[] = [];
      const errors: unknown[] = [];
      const options = {
        [kind]: value,
        logger: (_level: string, message: string) => void log.push(message),
        environment: fastEnvironment(20),
        ...PATIENT,
      };
      const message = { workflow: WORKFLOW, text: TEXT };
      const lives = [hub(options), sse(options), sse({ ...options, mode: 'eventsource' })];
      const heard = lives.map(record);
      for (const live of lives) {
        await live.subscribe(WORKFLOW);
        await live.connect();
      }
      const [live] = [lives[0] as ReturnType<typeof hub>];
      const transport = rest(options);
      await live.send(message);
      await transport.send(message);
      await transport.history({ workflow: WORKFLOW });

      // Every way to fail that a log could be tempted to explain.
      for (const kindOfGarbage of ['hub-garbage', 'hub-incomplete', 'hub-wrong-shape', 'sse-garbage']) {
        await server.control({ fault: 'malformed', kind: kindOfGarbage });
        await waitFor(() => lives.every(({ state }) => state === 'open'), 'open again');
      }
      for (const fault of [
        { fault: 'close-hub', error: `closed because of ${value}` },
        { fault: 'hub-error', message: `bad ${value}` },
        { fault: 'store-then-drop' },
      ]) {
        await waitFor(() => live.state === 'open', 'open');
        await server.control(fault);
        errors.push(await live.send(message).catch((error: unknown) => error));
      }
      await server.control({ fault: 'captive-portal', on: true });
      errors.push(await rejection(transport.send(message)));
      await server.control({ fault: 'captive-portal', on: false });
      await server.control({ fault: 'refuse', what: ['upgrade', 'negotiate', 'sse', 'rest'] });
      errors.push(await rejection(transport.send(message)));
      errors.push(await rejection(hub({ ...options, skipNegotiation: false, reconnect: false }).connect()));
      errors.push(await rejection(hub({ ...options, reconnect: false }).connect()));
      await server.control({ fault: 'down' });
      errors.push(await rejection(transport.send(message)));
      await waitFor(() => lives.every(({ state }) => state !== 'open'), 'all lost');

      errors.push(...heard.flatMap((one) => one.errors));
      assert.deepEqual(consoleLines, []);
      assert.ok(log.length > 20 && errors.length > 6, `${log.length} lines, ${errors.length} errors`);
      // With causes and stacks, as a page that prints an error would show it.
      const words = errors.map((error) => inspect(error));
      for (const line of [...log, ...words]) {
        assert.ok(!line.includes(value) && !line.includes(KEY) && !line.includes(TEXT), line);
        assert.doesNotMatch(line, /apikey=|access_token=|eyJ|sk-X|jane/i);
      }
    });
  }
});
