import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { MetricsSnapshot, Operation, OperationMetrics } from '../../src/client/metrics.ts';
import type { HybridClient, HybridClientOptions } from '../../src/client/types.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { waitFor } from '../support/wait.ts';
import { problemsOf } from './metrics-otlp-schema.ts';
import { clientOf, ECHO, isLive, KEY, shows, testEnvironment } from './support.ts';

const TEXT = 'a text that nobody else may read';

describe('the metrics of a client', () => {
  let server: TestServer;
  let client: HybridClient;
  let beacons: Blob[];
  const use = (options: Partial<HybridClientOptions> = {}, speed = 20) => {
    const environment = Object.defineProperties(testEnvironment(speed), {
      location: { value: { href: `${server.url}/page`, hostname: '127.0.0.1' } },
      sendBeacon: { value: (_url: URL, body: Blob) => beacons.push(body) > 0 },
    });
    client = clientOf(server, { environment, ...options });
    return environment;
  };
  const operation = (name: Operation): OperationMetrics | undefined =>
    client.metrics().operations.find((each) => each.operation === name);
  async function converse(text = TEXT): Promise<void> {
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await conversation.send(text);
    await shows(conversation, `Echo: ${text}`);
  }

  beforeEach(async () => {
    server = await startServer({ agentDelayMs: 5 });
    beacons = [];
  });
  afterEach(async () => {
    await client.dispose();
    await server.stop();
  });

  it('tell of connecting, sending, delivery, the reply, and of the connection that goes on', async () => {
    use();
    assert.deepEqual(client.metrics().operations, []);
    await converse();
    const { operations, connections, delivery, firstReply, queue } = client.metrics();
    for (const name of ['connect', 'send', 'history'] as const) {
      const { transport, failed, succeeded } = operations.find((each) => each.operation === name)!;
      assert.deepEqual([name, transport, failed], [name, 'hub', 0]);
      assert.ok(succeeded > 0);
    }
    assert.deepEqual([delivery.delivered, delivery.failed, delivery.rate], [1, 0, 1]);
    assert.equal(firstReply.count, 1);
    assert.deepEqual(queue, { waiting: 0, failed: 0, oldestMs: undefined });
    const [hub] = connections;
    assert.deepEqual([connections.length, hub?.transport, hub?.isOpen, hub?.reconnects], [1, 'hub', true, 0]);
    await waitFor(() => client.metrics().connections[0]!.uptimeMs > hub!.uptimeMs, 'it goes on');

    await server.control({ fault: 'drop-sockets' });
    await waitFor(() => client.metrics().connections[0]?.reconnects === 1, 'the connection is back');
  });

  it('M5: count a message as sent when the server has confirmed it, not when the call returned', async () => {
    use();
    await server.control({ fault: 'hub-error' });
    await converse();
    const { succeeded, failed, latency } = operation('send')!;
    assert.deepEqual([succeeded, failed, latency.count], [1, 1, 1]);
    assert.equal(client.metrics().delivery.delivered, 1);
  });

  it('M6: reach every listener, also when one of them throws, and leave the page’s logger alone', async () => {
    const lines: string[] = [];
    const heard: MetricsSnapshot[] = [];
    use({ logger: (_level, line) => lines.push(line) });
    client.on('metrics', () => {
      throw new Error('broken on purpose');
    });
    for (let i = 0; i < 2; i++) client.on('metrics', (snapshot) => heard.push(snapshot));
    await converse();
    await waitFor(() => heard.length >= 2, 'the event');
    assert.ok(lines.some((line) => line.includes('live')));
    assert.deepEqual(heard[0], heard[1]);
    const kept = structuredClone(heard[0]);
    await client.conversation(ECHO).send('one more');
    await waitFor(() => operation('send')?.succeeded === 2, 'the message is sent');
    assert.deepEqual(heard[0], kept);
  });

  it('M6: leave at the end of the page, without words, names and keys', async () => {
    const environment = use({ metricsUrl: '/demo/metrics' });
    await converse();
    await waitFor(() => {
      environment.play('hidden');
      return beacons.length;
    }, 'a beacon');
    const body = await beacons[0]!.text();
    const report = JSON.parse(body) as MetricsSnapshot;
    assert.equal(report.operations.find((each) => each.operation === 'send')?.succeeded, 1);
    for (const secret of [TEXT, KEY, 'jane', ECHO, 'Echo']) assert.ok(!body.includes(secret), secret);
  });

  it('leave in OpenTelemetry’s form, valid, when the client is disposed of', async () => {
    use({ metricsUrl: '/demo/metrics', metricsFormat: 'otlp' });
    await converse();
    await client.dispose();
    await waitFor(() => beacons.length, 'a beacon');
    const body = await beacons[0]!.text();
    assert.deepEqual(problemsOf(body), []);
    for (const secret of [TEXT, KEY, 'jane', ECHO, 'Echo']) assert.ok(!body.includes(secret), secret);
  });

  it('go to the collector while the page is open, and a collector that fails is told of once', async () => {
    use({ metricsUrl: `${server.url}/demo/metrics` }, 60);
    const errors: string[] = [];
    client.on('error', ({ code }) => errors.push(code));
    await server.control({ fault: 'fail', what: 'metrics', status: 503, count: 1 });
    await converse();
    const collected = async () => (await server.report()).collected.metrics;
    await waitFor(async () => (await collected()).length, 'a report', 20_000);
    assert.deepEqual(errors, ['server']);
  });
});
