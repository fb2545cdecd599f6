import type { FaultEntry } from '../fault-entry.ts';
import { ControlError, type FaultParameters } from '../fault-parameters.ts';

/** What can go wrong between client and server. */
export const wireFaults: Readonly<Record<string, FaultEntry>> = {
  'incidents-auth': {
    params: 'required: boolean, http?: 200|401 = 200, expiry?: number = 4401',
    what: 'Asks for a token. Without: sockets close with 4403, GraphQL answers an error (200) or 401, REST 401. A token that expires closes its socket with `expiry`; 0: it stays.',
    plan(read, { incidents: { switches, sockets } }) {
      const required = read.flag('required');
      const http = read.number('http', 200);
      if (http !== 200 && http !== 401) throw new ControlError('"http" must be 200 or 401.');
      const expiry = read.number('expiry', 4_401);
      if (expiry !== 0) checkCode(expiry, 'expiry');
      return () => {
        switches.set('incidents-auth', { required, http, expiry });
        sockets.expire();
      };
    },
  },
  'incidents-close': {
    params: "code: number, reason?: string = ''",
    what: 'Closes every socket with this code. Codes that cannot be sent, such as 1006, cut the connection.',
    plan(read, { incidents: { sockets } }) {
      const code = checkCode(read.number('code'), 'code');
      const reason = read.text('reason', '');
      return () => ({ sockets: sockets.closeAll(code, reason) });
    },
  },
  'incidents-flap': {
    params: 'on: boolean, code?: number = 1001',
    what: 'Every socket is closed as soon as it was acknowledged.',
    plan(read, { incidents: { switches } }) {
      const on = read.flag('on');
      const code = checkCode(read.number('code', 1_001), 'code');
      return () => switches.set('incidents-flap', { on, code });
    },
  },
  'incidents-mute': {
    params: 'on: boolean',
    what: 'Sockets stay open, but nothing is sent any more, no pong either. What would have been sent is lost.',
    plan(read, { incidents: { switches } }) {
      const on = read.flag('on');
      return () => switches.set('incidents-mute', { on });
    },
  },
  'incidents-refuse-sockets': {
    params: "on: boolean, how?: 'refuse'|'drop'|'hang' = 'refuse'",
    what: 'Upgrades get 503, are cut, or get no answer at all. Open sockets stay.',
    plan(read, { incidents: { switches } }) {
      const on = read.flag('on');
      const how = read.oneOf('how', ['refuse', 'drop', 'hang'], 'refuse');
      return () => switches.set('incidents-refuse-sockets', { on, how });
    },
  },
  'incidents-raw-frame': {
    params: 'text: string',
    what: 'Sends a text frame as it is to every socket.',
    plan(read, { incidents: { sockets } }) {
      const text = read.text('text');
      return () => ({ sockets: sockets.inject(text) });
    },
  },
  'incidents-latency': {
    params: 'ms: number',
    what: 'Delays every answer and every frame.',
    plan(read, { incidents: { switches } }) {
      const ms = read.number('ms');
      return () => switches.set('incidents-latency', { ms });
    },
  },
  'incidents-errors': {
    params:
      "style: 'error'|'next', code?: string, count?: number, message?: string, retryAfter?: number, " +
      "what?: 'any'|'query'|'mutation'|'subscription' = 'any'",
    what: 'The next operations end with an error: as an `error` message or, as async-graphql has it, as a result. Over HTTP always as a result.',
    plan(read, { incidents: { switches } }) {
      const style = read.oneOf('style', ['error', 'next']);
      const code = read.text('code', '');
      const message = read.text('message', 'The server was told to fail.');
      const what = read.oneOf('what', ['any', 'query', 'mutation', 'subscription'], 'any');
      const left = read.count(Infinity);
      const retryAfter = read.number('retryAfter', 0) || undefined;
      return () => switches.set('incidents-errors', { left, style, code, message, what, retryAfter });
    },
  },
  'incidents-fail': {
    params:
      "status?: number = 500, count?: number, retryAfter?: number|string, what?: 'any'|'graphql'|'rest' = 'any'",
    what: 'The next requests get this status, before anything is done.',
    plan(read, { incidents: { switches } }) {
      const status = read.number('status', 500);
      if (!Number.isInteger(status) || status < 200 || status > 599) {
        throw new ControlError('"status" must be between 200 and 599.');
      }
      const left = read.count(Infinity);
      const retryAfter = read.textOrNumber('retryAfter', '');
      const what = read.oneOf('what', ['any', 'graphql', 'rest'], 'any');
      return () => switches.set('incidents-fail', { left, status, retryAfter, what });
    },
  },
  'incidents-strict-headers': {
    params: 'on: boolean',
    what: 'Whether REST asks for execution headers, as the newest service does. Default: only as shipped.',
    plan(read, { incidents: { switches } }) {
      const on = read.flag('on');
      return () => switches.set('incidents-strict-headers', { on });
    },
  },
  'incidents-cors': {
    params: 'authorization: boolean',
    what: 'Whether pages of other origins may send Authorization. Default: in the full mode only; the service allows `*`, which does not cover it.',
    plan(read, { incidents: { switches } }) {
      const authorization = read.flag('authorization');
      return () => switches.set('incidents-cors', { authorization });
    },
  },
  'incidents-clock': {
    params: 'aheadMs: number',
    what: 'Puts the clock of the server forward; a negative number puts it back.',
    plan(read, { incidents: { switches } }) {
      const aheadMs = signed(read, 'aheadMs');
      return () => switches.set('incidents-clock', { aheadMs });
    },
  },
};

function checkCode(code: number, name: string): number {
  const isCode =
    Number.isInteger(code) && ((code >= 1_000 && code <= 1_015) || (code >= 3_000 && code < 5_000));
  if (!isCode) throw new ControlError(`"${name}" must be a close code: 1000 to 1015 or 3000 to 4999.`);
  return code;
}

function signed(read: FaultParameters, name: string): number {
  const value = read.any(name);
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new ControlError(`"${name}" must be a number.`);
}
