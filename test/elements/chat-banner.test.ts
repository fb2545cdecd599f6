import { expect } from '@open-wc/testing';
import { render } from 'lit';
import type { ConnectionStatus, Conversation, HybridClient } from '../../src/client/types.ts';
import { renderBanner } from '../../src/elements/chat-banner.ts';
import type { ChatViewHost } from '../../src/elements/chat-view-host.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { own } from './view-host.ts';

const LIVE: ConnectionStatus = {
  state: 'live',
  reason: 'synced',
  since: 0,
  until: undefined,
  channel: 'hub',
  attempt: 0,
  lastSyncedAt: 0,
  error: undefined,
  pending: 0,
  failed: 0,
  persisted: false,
};

/** The banners for a connection like `status`. */
function bannersFor(
  status: Partial<ConnectionStatus>,
  host: Partial<ChatViewHost> = {},
  conversation?: Partial<Conversation>,
  failure?: string,
): HTMLElement[] {
  const box = document.createElement('div');
  const state = {
    status: { ...LIVE, ...status },
    conversation: conversation as Conversation | undefined,
    failure,
  };
  render(renderBanner({ ...state, host: host as ChatViewHost, dismiss: () => {}, retryAll: () => {} }), box);
  return [...box.querySelectorAll<HTMLElement>('.banner')];
}

/** What they say. */
function wordsFor(...of: Parameters<typeof bannersFor>): string {
  return bannersFor(...of)
    .map(({ textContent }) => textContent.trim().replace(/\s+/g, ' '))
    .join('\n');
}

describe('the banner of a chat', () => {
  const troubles: Partial<ConnectionStatus>[] = [
    { state: 'offline', reason: 'no-network' },
    { state: 'waiting', reason: 'unreachable', attempt: 2 },
    { state: 'connecting', reason: 'unreachable', attempt: 3 },
    { state: 'unauthorized', reason: 'unreachable' },
  ];
  for (const trouble of troubles) {
    it(`promises to keep messages only where they are saved, while ${trouble.state}`, () => {
      expect(wordsFor({ ...trouble, persisted: false })).to.contain('not saved: keep this page open');
      expect(wordsFor({ ...trouble, persisted: true })).to.contain('saved on this device');
      expect(wordsFor({ ...trouble, persisted: true })).not.to.contain('keep this page open');
    });
  }

  it('says nothing of the first failed attempt, nor of a connection that works', () => {
    expect(wordsFor({ state: 'waiting', reason: 'unreachable', attempt: 1 })).to.equal('');
    expect(wordsFor({})).to.equal('');
  });

  it('says before the first attempt is over why messages are missing, and calmly, but of a connection that works what failed', () => {
    const lost = { messages: [], error: new RealtimeError('network', 'The server could not be reached.') };
    const waiting = wordsFor({ state: 'connecting', reason: 'unreachable', attempt: 0 }, {}, lost);
    expect(waiting).to.contain('cannot be reached right now');
    expect(wordsFor({}, {}, lost)).to.contain('Earlier messages could not be loaded');
  });

  it('says what waits after a disconnect, whether it is saved, and offers to try now', () => {
    const left = { state: 'idle', reason: 'requested', pending: 3, failed: 1, persisted: true } as const;
    let tries = 0;
    const client = { retryNow: () => void tries++ } as unknown as HybridClient;
    const [banner] = bannersFor(left, { client });
    expect(banner?.textContent).to.contain('Disconnected: 2 messages wait.').and.not.contain('Not saved');
    banner?.querySelector('button')?.click();
    expect(tries).to.equal(1);
    expect(wordsFor({ ...left, pending: 2, persisted: false })).to.contain('1 message waits. Not saved');
    expect(wordsFor({ ...left, pending: 1 }), 'nothing waits').to.equal('');
    expect(wordsFor({ ...left, reason: 'initial' }), 'about to connect').to.equal('');
  });

  it('says why an action failed below what holds for all of the chat, and hides nothing for it', () => {
    const refused = 'This page may not copy.';
    const [lost, action] = bannersFor({ state: 'offline', reason: 'no-network' }, {}, undefined, refused);
    expect(lost?.textContent).to.contain('You are offline');
    expect(action?.textContent).to.contain(refused).and.contain('Dismiss');
    const failed = [own('one', 'failed'), own('two', 'failed')];
    expect(wordsFor({}, {}, { messages: failed }, refused)).to.match(/Retry all \(2\)\n.*may not copy/);
    expect(wordsFor({}, {}, undefined, refused)).to.contain(refused);
  });

  it('says of missing consent only what also holds after it is withdrawn', () => {
    const words = wordsFor({ state: 'closed' }, { consentNeeded: true });
    expect(words).to.contain('off until you allow it');
    expect(words).not.to.match(/has been|was sent/);
  });
});
