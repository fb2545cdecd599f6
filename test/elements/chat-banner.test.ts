import { expect } from '@open-wc/testing';
import { render } from 'lit';
import type { ConnectionStatus, Conversation, HybridClient } from '../../src/client/types.ts';
import { renderBanner } from '../../src/elements/chat-banner.ts';
import { connectionWords } from '../../src/elements/connection-words.ts';
import { ENGLISH } from '../../src/elements/language.ts';
import type { ChatViewHost } from '../../src/elements/chat-view-host.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { LIVE } from './shown-client.ts';
import { own } from './view-host.ts';

const UNSAVED: ConnectionStatus = { ...LIVE, persisted: false };

/** The banners for a connection like `status`. */
function bannersFor(
  status: Partial<ConnectionStatus>,
  host: Partial<ChatViewHost> = {},
  conversation?: Partial<Conversation>,
  failure?: string,
  unreadable = 0,
  onNoted = () => {},
): HTMLElement[] {
  const box = document.createElement('div');
  const state = {
    status: { ...UNSAVED, ...status },
    conversation: conversation as Conversation | undefined,
    failure,
    unreadable,
  };
  const nothing = () => {};
  const actions = { dismiss: nothing, dismissUnreadable: onNoted, retryAll: nothing };
  render(renderBanner({ ...state, ...actions, host: { language: ENGLISH, ...host } as ChatViewHost }), box);
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

  it('says what the status says, and what helps, but nothing that is meant for developers', () => {
    const error = new RealtimeError('forbidden', 'The credential belongs to another tenant.');
    const refused = { state: 'unauthorized', reason: 'credential-refused' } as const;
    for (const status of [refused, { ...refused, error }, { state: 'offline' } as const]) {
      const { label, hint } = connectionWords({ ...UNSAVED, ...status });
      expect(wordsFor(status)).to.contain(`${label}. ${hint}`);
    }
    const [banner] = bannersFor({ ...refused, error });
    expect(banner?.textContent).not.to.contain('credential');
    expect(banner?.title).to.equal(error.message);
  });

  it('does not offer to try now before the time that the server has named', () => {
    const busy = { state: 'waiting', reason: 'rate-limited', attempt: 2, until: Date.now() + 9_000 } as const;
    const error = new RealtimeError('rate-limited', 'Too many.', { retryAfterMs: 9_000 });
    expect(wordsFor({ ...busy, error }))
      .to.match(/Too many requests.*next try in \d s/s)
      .and.not.contain('Try now');
    expect(wordsFor(busy)).to.contain('Try now');
  });

  it('says of stored messages that cannot be read that they are set aside, until somebody takes note', () => {
    let noted = 0;
    const [banner] = bannersFor({}, {}, undefined, undefined, 2, () => void noted++);
    expect(banner?.textContent).to.contain('2 saved messages could not be read and were set aside.');
    expect(banner?.classList.contains('calm')).to.equal(true);
    banner?.querySelector('button')?.click();
    expect(noted).to.equal(1);
    expect(wordsFor({}, {}, undefined, undefined, 1)).to.contain('1 saved message could not be read and was');
  });

  it('says nothing of the first failed attempt, nor of a connection that works', () => {
    expect(wordsFor({ state: 'waiting', reason: 'unreachable', attempt: 1 })).to.equal('');
    expect(wordsFor({})).to.equal('');
  });

  it('keeps its words while the attempts after a trouble run, and says nothing of those after none', () => {
    const refused = new RealtimeError('unauthorized', 'The token was refused.');
    const away = new RealtimeError('server', 'It broke.');
    const spells: [trouble: Partial<ConnectionStatus>, attempts: Partial<ConnectionStatus>[]][] = [
      [
        { state: 'offline', reason: 'no-network' },
        [{ state: 'connecting', reason: 'no-network', attempt: 1 }],
      ],
      [
        { state: 'unauthorized', reason: 'credential-refused', error: refused },
        [
          { state: 'connecting', reason: 'nudge', attempt: 1, error: refused },
          { state: 'syncing', reason: 'transport-open', attempt: 1, error: refused },
        ],
      ],
      [
        { state: 'waiting', reason: 'server-error', attempt: 2, error: away },
        [
          { state: 'connecting', reason: 'server-error', attempt: 3, error: away },
          { state: 'syncing', reason: 'transport-open', attempt: 3, error: away },
        ],
      ],
    ];
    const sentence = (status: Partial<ConnectionStatus>) =>
      bannersFor(status)[0]?.querySelector('bdi')?.textContent;
    for (const [trouble, attempts] of spells) {
      expect(sentence(trouble), trouble.reason).to.be.a('string');
      for (const one of attempts)
        expect(sentence(one), `${trouble.reason}, ${one.state}`).to.equal(sentence(trouble));
    }
    for (const reason of ['requested', 'transport-lost', 'signing-in'] as const) {
      expect(sentence({ state: 'connecting', reason, attempt: 0 }), reason).to.equal(undefined);
    }
    expect(sentence({ state: 'syncing', reason: 'transport-open', attempt: 1, error: away })).to.equal(
      undefined,
    );
  });

  it('says before the first attempt is over why messages are missing, and calmly, but of a connection that works what failed', () => {
    const lost = { messages: [], error: new RealtimeError('network', 'The server could not be reached.') };
    const waiting = wordsFor({ state: 'connecting', reason: 'unreachable', attempt: 0 }, {}, lost);
    expect(waiting).to.contain('The server cannot be reached.');
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
    expect(lost?.textContent).to.contain('No network on this device');
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
