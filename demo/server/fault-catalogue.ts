import { agentIdentity, type Reply } from './agents.ts';
import type { ServerContext } from './context.ts';
import { ControlError, FaultParameters } from './fault-parameters.ts';
import { FAULT_TARGETS, type FaultSettings } from './faults.ts';
import { newRequestId } from './ids.ts';
import { malformedHubText, malformedSseText } from './malformed.ts';
import { MESSAGE_TYPES, type StoredMessage, type WireType } from './store.ts';
import { resolveByColons, WorkflowPrefixError } from './workflow.ts';

/** What a fault did, for the answer. */
type Effect = () => Record<string, unknown> | void;

export interface FaultEntry {
  /** The parameters, in words. */
  params: string;
  /** What it does, in words. */
  what: string;
  /** Reads and checks all parameters; the effect then cannot fail half-way. */
  plan: (read: FaultParameters, context: ServerContext) => Effect;
}

const DEFAULT_TENANT = 'acme';
const MALFORMED = [
  'hub-garbage',
  'hub-incomplete',
  'hub-wrong-shape',
  'sse-garbage',
  'history-garbage',
  'history-html',
] as const;

/** Every fault by name, in the order in which `GET /__control` lists them. */
export const faultCatalogue: Readonly<Record<string, FaultEntry>> = {
  reset: {
    params: 'messages?: boolean',
    what: 'Clears all faults, counters and the report of what was received; with messages, the store too.',
    plan(read, context) {
      const messages = read.flag('messages', false);
      return () => {
        context.faults.reset();
        context.limiter.reset();
        context.received.clear();
        context.agents.reset();
        if (messages) context.store.clear();
      };
    },
  },
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
    params: "which?: 'one'|'all' = 'all', kind?: 'hub'|'sse'|'all' = 'all'",
    what: 'Cuts live connections without a Close record.',
    plan(read, { hub, sse }) {
      const which = read.oneOf('which', ['one', 'all'], 'all');
      const kind = read.oneOf('kind', ['hub', 'sse', 'all'], 'all');
      return () => {
        const sockets = kind === 'sse' ? 0 : hub.drop(which);
        const isEnough = kind === 'hub' || (which === 'one' && sockets > 0);
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
  'rate-limit': {
    params: 'retryAfter?: number|string = "30", count?: number',
    what: 'Answers 429 to REST and SSE requests, with this Retry-After.',
    plan(read, { faults }) {
      const retryAfter = read.textOrNumber('retryAfter', '30');
      const left = read.count(Infinity);
      return () => faults.set('rate-limit', { retryAfter, left });
    },
  },
  'rate-limiter': toggle('rate-limiter', 'Switches the ordinary rate limit.'),
  'suspend-broadcasts': {
    params: 'on: boolean|milliseconds',
    what: 'Stores messages but tells nobody; what is stored meanwhile never reaches a live channel.',
    plan(read, { faults }) {
      const on = read.flagOrMs('on');
      return () => {
        faults.set('suspend-broadcasts', on !== false);
        if (typeof on === 'number') setTimeout(() => faults.set('suspend-broadcasts', false), on).unref();
      };
    },
  },
  'store-then-500': counter(
    'store-then-500',
    'Stores the message, does not signal the agent, and answers 500 (hub: an Error event).',
  ),
  'store-then-drop': counter(
    'store-then-drop',
    'Stores the message, signals the agent, and cuts the connection before the answer.',
  ),
  'drop-before-store': counter('drop-before-store', 'Cuts the connection before the message is stored.'),
  'hub-error': {
    params: 'message?: string, count?: number = 1',
    what: 'SendInboundMessage stores nothing and answers with an Error event.',
    plan(read, { faults }) {
      const message = read.text('message', 'Service temporarily unavailable');
      const left = read.count(1);
      return () => faults.set('hub-error', { message, left });
    },
  },
  latency: {
    params: 'ms: number',
    what: 'Delays every answer and every live event.',
    plan(read, { faults }) {
      const ms = read.number('ms');
      return () => faults.set('latency', ms);
    },
  },
  'reply-before-processed': toggle(
    'reply-before-processed',
    "The agent's first reply goes out before InboundProcessed.",
  ),
  'delay-processed': {
    params: 'ms: number',
    what: 'InboundProcessed comes this much later; the hub connection waits with it.',
    plan(read, { faults }) {
      const ms = read.number('ms');
      return () => faults.set('delay-processed', ms);
    },
  },
  'repeat-broadcast': {
    params: 'times?: number = 1, count?: number',
    what: 'Delivers agent messages again: same id, later updatedAt.',
    plan(read, { faults }) {
      const times = read.number('times', 1);
      const left = read.count(Infinity);
      return () => faults.set('repeat-broadcast', { times, left });
    },
  },
  stranger: {
    params:
      "workflow: string, participantId?: string = 'stranger@example.com', text?: string, tenantId?: string",
    what: 'Stores and broadcasts an agent message for another participant of the workflow.',
    plan(read, context) {
      const target = address(read, 'stranger@example.com');
      const text = read.text('text', 'This is for somebody else.');
      return () => stored(agentMessage(context, target, { text }));
    },
  },
  publish: {
    params:
      'workflow: string, participantId: string, type? = Chat, text?, data?, scope?, requestId?, createdAt?: time, hint?, tenantId?',
    what: 'Stores and broadcasts an agent message.',
    plan(read, context) {
      const target = address(read);
      const messageType = read.oneOf('type', MESSAGE_TYPES, 'Chat');
      const [text, scope] = [read.optionalText('text'), read.optionalText('scope')];
      const [requestId, hint] = [read.optionalText('requestId'), read.optionalText('hint')];
      const data = read.any('data');
      const createdAt = read.optionalTime('createdAt');
      return () =>
        stored(
          agentMessage(context, target, {
            messageType,
            data,
            ...(text === undefined ? {} : { text }),
            ...(scope === undefined ? {} : { scope }),
            ...(requestId === undefined ? {} : { requestId }),
            ...(hint === undefined ? {} : { hint }),
            ...(createdAt === undefined ? {} : { createdAt }),
          }),
        );
    },
  },
  burst: {
    params: 'workflow: string, participantId: string, count?: number = 100, text?: string, tenantId?: string',
    what: 'Stores and broadcasts many agent messages at once; each text ends in its number.',
    plan(read, context) {
      const target = address(read);
      const count = read.count(100);
      const text = read.text('text', 'Burst message');
      return () => {
        const ids = Array.from({ length: count }, (_, index) =>
          agentMessage(context, target, { text: `${text} ${index + 1}` }),
        ).map(({ id }) => id);
        return { count, firstId: ids[0], lastId: ids.at(-1) };
      };
    },
  },
  handoff: {
    params: 'from: string, to: string, participantId: string, data?, tenantId?',
    what: 'Records a handoff under the workflow it goes to.',
    plan(read, context) {
      const tenantId = read.text('tenantId', DEFAULT_TENANT);
      const participantId = read.text('participantId');
      const [from, to] = [workflow(tenantId, read.text('from')), workflow(tenantId, read.text('to'))];
      const data = read.any('data');
      return () =>
        stored(
          agentMessage(
            context,
            { ...to, tenantId, participantId },
            {
              messageType: 'Handoff',
              text: `${from.workflowType} -> ${to.workflowType}`,
              data,
              requestId: null,
            },
          ),
        );
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
  'huge-reply': {
    params: 'bytes: number, workflow: string, participantId: string, requestId?, tenantId?',
    what: 'Stores and broadcasts an agent message with a text of this size.',
    plan(read, context) {
      const bytes = read.number('bytes');
      if (bytes > 64 * 1_024 * 1_024) throw new ControlError('"bytes" must be at most 67108864.');
      const target = address(read);
      const requestId = read.optionalText('requestId') ?? newRequestId();
      return () => stored(agentMessage(context, target, { text: longText(bytes), requestId }));
    },
  },
  'captive-portal': toggle('captive-portal', 'Every answer is a 200 with an HTML page, upgrades too.'),
  agent: {
    params:
      'workflow: string (Agent:Flow), replies: [{text?, messageType?, data?, delayMs?, workflow?}], delayMs? = 0',
    what: 'Replaces what an agent answers, until reset.',
    plan(read, { agents }) {
      const workflowType = read.text('workflow');
      const delayMs = read.number('delayMs', 0);
      const replies = read.records('replies').map((reply) => readReply(reply, delayMs));
      return () => agents.override(workflowType, () => replies);
    },
  },
  agents: toggle('agents', 'Switches all agents; while off they answer nothing, heartbeats neither.'),
  'strict-sse': toggle('strict-sse', 'Filters SSE by participant, as a repaired server would.'),
};

function toggle(name: BooleanFault, what: string): FaultEntry {
  return {
    params: 'on: boolean',
    what,
    plan(read, { faults }) {
      const on = read.flag('on');
      return () => faults.set(name, on);
    },
  };
}
type BooleanFault = {
  [Name in keyof FaultSettings]: FaultSettings[Name] extends boolean
    ? boolean extends FaultSettings[Name]
      ? Name
      : never
    : never;
}[keyof FaultSettings];

function counter(name: 'store-then-500' | 'store-then-drop' | 'drop-before-store', what: string): FaultEntry {
  return {
    params: 'count?: number = 1',
    what,
    plan(read, { faults }) {
      const left = read.count(1);
      return () => faults.set(name, { left });
    },
  };
}

function statusRule(fault: 'refuse' | 'fail', fallback: number, what: string): FaultEntry {
  return {
    params: `what: (${FAULT_TARGETS.join('|')})[], status?: number = ${fallback}, count?: number`,
    what,
    plan(read, { faults }) {
      const targets = read.someOf('what', FAULT_TARGETS);
      const status = read.number('status', fallback);
      if (!Number.isInteger(status) || status < 400 || status > 599) {
        throw new ControlError('"status" must be between 400 and 599.');
      }
      const left = read.count(Infinity);
      return () => faults.addRule({ fault, what: targets, status, left });
    },
  };
}

interface Address {
  tenantId: string;
  workflowId: string;
  workflowType: string;
  participantId: string;
}

function address(read: FaultParameters, participant?: string): Address {
  const tenantId = read.text('tenantId', DEFAULT_TENANT);
  const participantId = read.text('participantId', participant);
  return { ...workflow(tenantId, read.text('workflow')), tenantId, participantId };
}

function workflow(tenantId: string, name: string) {
  try {
    return resolveByColons(tenantId, name, 'hub');
  } catch (error) {
    throw error instanceof WorkflowPrefixError ? new ControlError(error.message) : error;
  }
}

function agentMessage(
  { store }: ServerContext,
  target: Address,
  content: Partial<
    Pick<StoredMessage, 'messageType' | 'text' | 'data' | 'scope' | 'requestId' | 'hint' | 'createdAt'>
  >,
): StoredMessage {
  return store.append({
    ...target,
    messageType: 'Chat',
    direction: 'Outgoing',
    createdBy: agentIdentity(target.workflowType),
    ...content,
  });
}

function stored({ id, threadId }: StoredMessage) {
  return { id, threadId };
}

function readReply(reply: Record<string, unknown>, fallbackMs: number): Reply {
  const read = new FaultParameters(reply);
  const messageType: WireType = read.oneOf('messageType', MESSAGE_TYPES, 'Chat');
  const delayMs = read.number('delayMs', fallbackMs);
  const [text, speaker, data] = [read.optionalText('text'), read.optionalText('workflow'), read.any('data')];
  read.done();
  return {
    messageType,
    delayMs,
    data,
    ...(text === undefined ? {} : { text }),
    ...(speaker === undefined ? {} : { workflow: speaker }),
  };
}

/** Readable text of `bytes` ASCII characters. */
function longText(bytes: number): string {
  const sentence = 'Acme answers at length. ';
  return sentence.repeat(Math.ceil(bytes / sentence.length)).slice(0, bytes);
}
