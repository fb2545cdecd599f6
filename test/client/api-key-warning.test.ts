import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createHybridClient } from '../../src/client/hybrid-client.ts';
import { KEY, testEnvironment } from './support.ts';

describe('an API key in a page', () => {
  it('is warned about once, not on this machine, and never quoted', (t) => {
    const warn = t.mock.method(console, 'warn', () => undefined);
    const openAt = (href: string | undefined) => {
      const location = href ? new URL(href) : undefined;
      const environment = Object.defineProperty(testEnvironment(), 'location', { value: location });
      createHybridClient({
        serverUrl: 'https://xians.example',
        tenantId: 'acme',
        participantId: 'jane',
        apiKey: KEY,
        environment,
      });
    };
    const own = [
      'http://localhost:8080/',
      'http://127.0.0.1/',
      'http://[::1]/',
      'http://a.localhost/',
      'file:///a',
    ];
    for (const href of [undefined, ...own]) openAt(href);
    assert.equal(warn.mock.callCount(), 0);
    openAt('https://shop.example/');
    openAt('https://shop.example/other');
    assert.equal(warn.mock.callCount(), 1);
    const words = String(warn.mock.calls[0]?.arguments[0]);
    assert.match(words, /api-key/);
    assert.ok(!words.includes(KEY));
  });
});
