import { html, nothing, type TemplateResult } from 'lit';
import type { ChannelHealth, ConnectionStatus } from '../client/types.ts';
import { causeWords, type ConnectionTone } from './connection-words.ts';
import { duration, milliseconds } from './duration.ts';

const words = {
  kinds: {
    hub: ['Live connection', 'WebSocket'],
    sse: ['Slower channel', 'Server-sent events'],
    rest: ['Single requests', 'HTTP'],
    incidents: ['Incidents', 'GraphQL'],
  } satisfies Record<ChannelHealth['kind'], readonly [name: string, technical: string]>,
  states: {
    idle: 'Not needed',
    connecting: 'Connecting…',
    open: 'Open',
    waiting: 'Waiting to try again',
    closed: 'Closed',
  } satisfies Record<ChannelHealth['state'], string>,
  answers: 'Answered',
  failed: 'It failed.',
  blocked: 'WebSockets do not get through here.',
  paused: (ms: number) => `Paused after failures, next look in ${duration(ms)}`,
  probing: 'Paused after failures, the next request is a look',
  /** In all, since the page was opened. */
  up: (ms: number, isUp: boolean) => `${isUp ? 'up' : 'was up'} for ${duration(ms)}`,
  listeners: (count: number) =>
    `${count} ${count === 1 ? 'listener' : 'listeners'} on one server instance, this page included`,
} as const;

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
  shape: (tone: ConnectionTone) => unknown,
): TemplateResult | typeof nothing {
  if (channels.length === 0) return nothing;
  const kinds = Object.keys(words.kinds);
  const isOpen = (kind: string) => channels.some((one) => one.kind === kind && one.state === 'open');
  const sorted = [...channels].sort((one, other) => kinds.indexOf(one.kind) - kinds.indexOf(other.kind));
  return html`<ul class="channels" part="channels">
    ${sorted.map((one) => {
      const channel = isNeeded(one, status) ? one : resting(one);
      const [name, technical] = words.kinds[channel.kind];
      const facts = factsOf(channel);
      return html`<li>
        ${shape(toneOf(channel))}
        <div>
          <span class="name">${name} <small>${technical}</small></span>
          <span
            ><bdi title=${channel.error?.message ?? nothing}
              >${isBlocked(channel) && isOpen('sse') ? words.blocked : stateWords(channel)}</bdi
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

function stateWords({ kind, state, error, breaker }: ChannelHealth): string {
  if (breaker.state === 'open') return words.paused(breaker.waitMs);
  if (breaker.state === 'half-open') return words.probing;
  if (error && state !== 'open' && state !== 'connecting') return causeWords(error) ?? words.failed;
  return kind === 'rest' && state === 'open' ? words.answers : words.states[state];
}

function factsOf({ kind, state, uptimeMs, latencyMs, listeners }: ChannelHealth): string {
  const isOpen = state === 'open';
  return [
    latencyMs !== undefined && isOpen && milliseconds(latencyMs),
    kind !== 'rest' && uptimeMs > 0 && words.up(uptimeMs, isOpen),
    listeners !== undefined && isOpen && words.listeners(listeners),
  ]
    .filter(Boolean)
    .join(' · ');
}
