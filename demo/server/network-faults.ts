import { toggle, type FaultEntry } from './fault-entry.ts';
import { ControlError, type FaultParameters } from './fault-parameters.ts';
import { FAULT_TARGETS, type RetryAfter } from './faults.ts';
import { malformedHubText, malformedSseText } from './malformed.ts';

const MALFORMED = [
  'hub-garbage',
  'hub-incomplete',
  'hub-wrong-shape',
  'sse-garbage',
  'history-garbage',
  'history-html',
] as const;

/** Faults of the way between client and server: cut, slow, refused, mangled. */
export const networkFaults: Readonly<Record<string, FaultEntry>> = {
  down: {
    params: '',
    what: 'As if the network were cut: requests are dropped without an answer, open sockets and streams too.',
    plan:
      (_read, { faults, openSockets }) =>
      () => {
        faults.set('down', true);
        const cut = openSockets.size;
        for (const socket of openSockets) socket.destroy();
        return { cut };
      },
  },
  up: {
    params: '',
    what: 'Ends down.',
    plan:
      (_read, { faults }) =>
      () =>
        faults.set('down', false),
  },
  'drop-sockets': {
    params: "which?: 'one'|'all' = 'all', kind?: 'hub'|'sse'|'incidents'|'all' = 'all'",
    what: 'Cuts live connections without a Close record.',
    plan(read, { hub, sse, incidents }) {
      const which = read.oneOf('which', ['one', 'all'], 'all');
      const kind = read.oneOf('kind', ['hub', 'sse', 'incidents', 'all'], 'all');
      return () => {
        if (kind === 'incidents') return { sockets: incidents.sockets.drop(which), streams: 0 };
        const sockets = kind === 'sse' ? 0 : hub.drop(which);
        const isEnough = kind === 'hub' || (which === 'one' && sockets > 0);
        if (kind === 'all' && which === 'all') incidents.sockets.drop('all');
        return { sockets, streams: isEnough ? 0 : sse.drop(which) };
      };
    },
  },
  'close-hub': {
    params: 'error?: string, allowReconnect?: boolean',
    what: 'Closes every hub connection with a Close record. Without parameters, clients stop for good.',
    plan(read, { hub }) {
      const error = read.optionalText('error');
      const allowReconnect = read.flag('allowReconnect', false);
      return () => ({
        sockets: hub.closeAll({
          ...(error === undefined ? {} : { error }),
          ...(allowReconnect ? { allowReconnect } : {}),
        }),
      });
    },
  },
  refuse: statusRule('refuse', 401, 'Refuses requests, by default with 401.'),
  fail: statusRule(
    'fail',
    500,
    'Answers requests with a failure, by default 500, before anything is stored.',
  ),
  hang: {
    params: `what: (${FAULT_TARGETS.join('|')})[], count?: number, tenantId?: string`,
    what: 'Accepts requests and never answers them; for the hub, upgrades.',
    plan(read, { faults }) {
      const what = read.someOf('what', FAULT_TARGETS);
      const tenantId = read.optionalText('tenantId');
      const left = read.count(Infinity);
      return () =>
        faults.addRule({
          fault: 'hang',
          what,
          status: 0,
          left,
          ...(tenantId === undefined ? {} : { tenantId }),
        });
    },
  },
  'short-lives': {
    params: 'ms: number|false',
    what: 'Every hub connection and stream opened from now on is cut this long after it was opened.',
    plan(read, { faults }) {
      const ms = read.flagOrMs('ms');
      if (ms === true) throw new ControlError('"ms" must be a number or false.');
      return () => faults.set('short-lives', ms);
    },
  },
  'rate-limit': {
    params: 'retryAfter?: number|string = "30", asDate?: boolean = false, count?: number',
    what: 'Answers 429 to REST and SSE requests, with this Retry-After; asDate tells the seconds as a date.',
    plan(read, { faults }) {
      const retryAfter = readRetryAfter(read, '30');
      const left = read.count(Infinity);
      return () => faults.set('rate-limit', { retryAfter, left });
    },
  },
  'rate-limiter': toggle('rate-limiter', 'Switches the ordinary rate limit.'),
  latency: {
    params: 'ms: number',
    what: 'Delays every answer and every live event.',
    plan(read, { faults }) {
      const ms = read.number('ms');
      return () => faults.set('latency', ms);
    },
  },
  'stall-sse': toggle(
    'stall-sse',
    'Nothing is written to open streams; they stay open and catch up afterwards.',
  ),
  'stall-hub': toggle(
    'stall-hub',
    'Nothing is written to hub sockets, pings neither; they stay open and catch up afterwards.',
  ),
  'block-websockets': {
    params: "on: boolean, how?: 'refuse'|'hang' = 'refuse'",
    what: 'WebSocket upgrades get 502, or no answer at all, as from a bad proxy. Open sockets stay.',
    plan(read, { faults }) {
      const on = read.flag('on');
      const how = read.oneOf('how', ['refuse', 'hang'], 'refuse');
      return () => faults.set('block-websockets', on && how);
    },
  },
  'captive-portal': toggle('captive-portal', 'Every answer is a 200 with an HTML page, upgrades too.'),
  'expire-tokens': {
    params: '',
    what: 'Refuses every JWT issued or seen so far. Open connections stay, as on the real server.',
    plan:
      (_read, { auth }) =>
      () =>
        auth.expireTokens(),
  },
  malformed: {
    params: `kind: ${MALFORMED.map((kind) => `'${kind}'`).join('|')}, count?: number = 1`,
    what: 'Hub and SSE kinds go to every open connection at once; history kinds spoil the next answers.',
    plan(read, { hub, sse, faults }) {
      const kind = read.oneOf('kind', MALFORMED);
      const count = read.count(1);
      return () => {
        if (kind === 'history-garbage' || kind === 'history-html') {
          faults.set('malformed-history', { kind, left: count });
          return;
        }
        let connections = 0;
        for (let index = 0; index < count; index += 1) {
          connections =
            kind === 'sse-garbage' ? sse.inject(malformedSseText) : hub.inject(malformedHubText[kind]);
        }
        return { connections };
      };
    },
  },
};

function statusRule(fault: 'refuse' | 'fail', fallback: number, what: string): FaultEntry {
  return {
    params:
      `what: (${FAULT_TARGETS.join('|')})[], status?: number = ${fallback}, count?: number, ` +
      'retryAfter?: number|string, asDate?: boolean, tenantId?: string',
    what,
    plan(read, { faults }) {
      const targets = read.someOf('what', FAULT_TARGETS);
      const status = read.number('status', fallback);
      if (!Number.isInteger(status) || status < 400 || status > 599) {
        throw new ControlError('"status" must be between 400 and 599.');
      }
      const left = read.count(Infinity);
      const tenantId = read.optionalText('tenantId');
      const retryAfter = readRetryAfter(read, '');
      return () =>
        faults.addRule({
          fault,
          what: targets,
          status,
          left,
          ...(retryAfter.value === '' ? {} : { retryAfter }),
          ...(tenantId === undefined ? {} : { tenantId }),
        });
    },
  };
}

function readRetryAfter(read: FaultParameters, fallback: string): RetryAfter {
  const value = read.textOrNumber('retryAfter', fallback);
  const asDate = read.flag('asDate', false);
  if (asDate && !Number.isFinite(Number(value || 'none'))) {
    throw new ControlError('"retryAfter" must be seconds if it is to be told as a date.');
  }
  return { value, asDate };
}
