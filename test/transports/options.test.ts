import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { HubTransport } from '../../src/transports/hub-transport.ts';
import { RestTransport } from '../../src/transports/rest-transport.ts';
import { SseTransport } from '../../src/transports/sse-transport.ts';
import type { TransportOptions } from '../../src/transports/transport.ts';

const good: TransportOptions = {
  serverUrl: 'https://xians.example',
  tenantId: 'acme',
  apiKey: 'sk-Xnai-dev',
};

const bad: [name: string, options: object][] = [
  ['no server', { serverUrl: undefined }],
  ['a relative address', { serverUrl: '/api' }],
  ['an address without a scheme', { serverUrl: 'xians.example' }],
  ['a socket address', { serverUrl: 'wss://xians.example' }],
  ['a script', { serverUrl: 'javascript:alert(1)' }],
  ['a password in the address', { serverUrl: 'https://user:secret@xians.example' }],
  ['a query in the address', { serverUrl: 'https://xians.example/?apikey=secret' }],
  ['no tenant', { tenantId: undefined }],
  ['an empty tenant', { tenantId: ' ' }],
  ['a tenant that is a workflow', { tenantId: 'acme:Support' }],
  ['no credential', { apiKey: undefined }],
  ['two credentials', { token: 'a.b.c' }],
  ['three credentials', { token: 'a.b.c', getToken: () => 'a.b.c' }],
  ['an empty key', { apiKey: '' }],
  ['a key with a line break, which a header would choke on', { apiKey: 'sk-Xnai-secret\n' }],
  ['a token provider that is none', { apiKey: undefined, getToken: 'secret' }],
];

describe('options', () => {
  for (const Transport of [HubTransport, RestTransport, SseTransport]) {
    it(`${Transport.name} takes good ones, and refuses bad ones without repeating them`, () => {
      const transport = new Transport(good);
      assert.deepEqual([transport.tenantId, transport.authType], ['acme', 'api-key']);
      for (const [name, options] of bad) {
        assert.throws(
          () => new Transport({ ...good, ...options }),
          (error: unknown) => {
            assert.ok(error instanceof RealtimeError, name);
            assert.equal(error.code, 'input', name);
            assert.doesNotMatch(error.message, /secret/, name);
            return true;
          },
          name,
        );
      }
    });

    it(`${Transport.name} replaces its credential, and refuses to lose it`, async () => {
      const transport = new Transport(good);
      await transport.updateToken('a.b.c');
      assert.equal(transport.authType, 'token');
      await transport.updateTokenProvider(() => 'a.b.c');
      assert.equal(transport.authType, 'token-provider');
      await assert.rejects(async () => transport.updateApiKey(''), { code: 'input' });
      assert.equal(transport.authType, 'token-provider');
      await transport.updateApiKey('sk-Xnai-dev');
      assert.equal(transport.authType, 'api-key');
    });
  }
});
