import type { Reply } from './agents.ts';
import { toggle, type FaultEntry } from './fault-entry.ts';
import { FaultParameters } from './fault-parameters.ts';
import { MESSAGE_TYPES, type WireType } from './store.ts';

/** Faults of what the server does with a message: storing, answering, broadcasting, having it answered. */
export const processingFaults: Readonly<Record<string, FaultEntry>> = {
  'suspend-broadcasts': {
    params: 'on: boolean|milliseconds',
    what: 'Stores messages but tells nobody; what is stored meanwhile never reaches a live channel.',
    plan(read, { faults }) {
      const on = read.flagOrMs('on');
      return () => {
        if (typeof on === 'boolean') return faults.set('suspend-broadcasts', on);
        const until = Date.now() + on;
        faults.set('suspend-broadcasts', until);
        // Unless somebody has changed it since.
        const end = () =>
          faults.get('suspend-broadcasts') === until && faults.set('suspend-broadcasts', false);
        setTimeout(end, on).unref();
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
