import { html, nothing, type TemplateResult } from 'lit';
import type { ChannelHealth, ConnectionStatus } from '../client/types.ts';
import { channelWords } from './channel-words.ts';
import { causeWords, type ConnectionTone } from './connection-words.ts';
import { duration, milliseconds } from './duration.ts';
import type { Language } from './language.ts';

/** From the one that is best. The technical names are nobody's language. */
const TECHNICAL: Record<ChannelHealth['kind'], string> = {
  hub: 'WebSocket',
  sse: 'Server-sent events',
  rest: 'HTTP',
  incidents: 'GraphQL',
};

const TONES: Record<ChannelHealth['state'], ConnectionTone> = {
  idle: 'idle',
  connecting: 'busy',
  open: 'good',
  waiting: 'warn',
  closed: 'idle',
};

/**
 * The transports one by one: whether each works, how fast, and why not. `status` is the connection they belong to, `shape`
 * draws a sign of a tone.
 */
export function renderChannels(
  channels: readonly ChannelHealth[],
  status: ConnectionStatus,
  language: Language,
  shape: (tone: ConnectionTone) => unknown,
): TemplateResult | typeof nothing {
  if (channels.length === 0) return nothing;
  const kinds = Object.keys(TECHNICAL);
  const words = language.words(channelWords);
  const isOpen = (kind: string) => channels.some((one) => one.kind === kind && one.state === 'open');
  const sorted = [...channels].sort((one, other) => kinds.indexOf(one.kind) - kinds.indexOf(other.kind));
  return html`<ul class="channels" part="channels">
    ${sorted.map((one) => {
      const channel = isNeeded(one, status) ? one : resting(one);
      const facts = factsOf(channel, language);
      return html`<li>
        ${shape(toneOf(channel))}
        <div>
          <span class="name">${words[channel.kind]} <small>${TECHNICAL[channel.kind]}</small></span>
          <span
            ><bdi title=${channel.error?.message ?? nothing}
              >${isBlocked(channel) && isOpen('sse') ? words.blocked : stateWords(channel, language)}</bdi
            >${facts ? html`<span class="facts"> · <bdi>${facts}</bdi></span>` : nothing}</span
          >
        </div>
      </li>`;
    })}
  </ul>`;
}

/** Whether the connection could use it now: nothing but what is best, once that works, or what another tab has. */
function isNeeded(
  { kind, state, breaker }: ChannelHealth,
  { state: connection, channel, isShared }: ConnectionStatus,
) {
  if (kind === 'incidents' || state === 'connecting' || (state === 'open' && breaker.state === 'closed'))
    return true;
  const isConnected = connection === 'live' || connection === 'degraded';
  return !isConnected || (!isShared && (channel !== 'hub' || kind === 'hub'));
}

/** Without what went wrong when it was last used: nobody looks whether it works again before it is needed. */
function resting(channel: ChannelHealth): ChannelHealth {
  return {
    ...channel,
    state: 'idle',
    error: undefined,
    breaker: { ...channel.breaker, state: 'closed', waitMs: 0 },
  };
}

/** Whether a hub that was tried got no answer. */
function isBlocked({ kind, state, error, breaker }: ChannelHealth): boolean {
  const isUnanswered = error?.code === 'network' || error?.code === 'timeout';
  const isTried = breaker.state === 'closed' && state !== 'open' && state !== 'connecting';
  return kind === 'hub' && isTried && isUnanswered && !error.service;
}

function toneOf({ state, error, breaker }: ChannelHealth): ConnectionTone {
  if (breaker.state !== 'closed') return 'bad';
  return error && state !== 'open' && state !== 'connecting' ? 'warn' : TONES[state];
}

function stateWords({ kind, state, error, breaker }: ChannelHealth, language: Language): string {
  const words = language.words(channelWords);
  if (breaker.state === 'open') return words.paused({ time: duration(breaker.waitMs, language.tag) });
  if (breaker.state === 'half-open') return words.probing;
  if (error && state !== 'open' && state !== 'connecting') return causeWords(error, language) ?? words.failed;
  return kind === 'rest' && state === 'open' ? words.answers : words[state];
}

function factsOf({ kind, state, uptimeMs, latencyMs, listeners }: ChannelHealth, language: Language): string {
  const words = language.words(channelWords);
  const isOpen = state === 'open';
  return [
    latencyMs !== undefined && isOpen && milliseconds(latencyMs, language.tag),
    kind !== 'rest' &&
      uptimeMs > 0 &&
      (isOpen ? words.up : words.wasUp)({ time: duration(uptimeMs, language.tag) }),
    listeners !== undefined && isOpen && words.listeners({ count: listeners }),
  ]
    .filter(Boolean)
    .join(' · ');
}
