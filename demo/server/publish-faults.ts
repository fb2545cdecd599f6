import { agentIdentity } from './agents.ts';
import type { ServerContext } from './context.ts';
import type { FaultEntry } from './fault-entry.ts';
import { ControlError, type FaultParameters } from './fault-parameters.ts';
import { newRequestId } from './ids.ts';
import { MESSAGE_TYPES, type StoredMessage } from './store.ts';
import { resolveByColons, WorkflowPrefixError } from './workflow.ts';

const DEFAULT_TENANT = 'acme';

/** Messages that agents send without being asked. */
export const publishFaults: Readonly<Record<string, FaultEntry>> = {
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
  alert: {
    params:
      "workflow: string, text: string, severity?: string = 'info', title?: string, topic?: string, participantId?: string, " +
      'createdAt?: time, tenantId?',
    what: 'Stores and broadcasts a system alert, as an agent would: to one participant, or to all that are known.',
    plan(read, context) {
      const tenantId = read.text('tenantId', DEFAULT_TENANT);
      const place = workflow(tenantId, read.text('workflow'));
      const text = read.text('text');
      const severity = read.text('severity', 'info');
      const [title, topic] = [read.optionalText('title'), read.optionalText('topic')];
      const participantId = read.optionalText('participantId');
      const createdAt = read.optionalTime('createdAt');
      const data = { type: 'system_alert', severity, ...(title === undefined ? {} : { title }), text };
      return () => {
        const known = [
          ...context.store.participants(tenantId),
          ...context.sse.participants(place.workflowId),
        ];
        const to = participantId === undefined ? [...new Set(known)] : [participantId];
        const ids = to.map(
          (each) =>
            agentMessage(
              context,
              { ...place, tenantId, participantId: each },
              {
                messageType: 'Data',
                text,
                data,
                ...(topic === undefined ? {} : { scope: topic }),
                ...(createdAt === undefined ? {} : { createdAt }),
              },
            ).id,
        );
        return { ids };
      };
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
};

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

/** Readable text of `bytes` ASCII characters. */
function longText(bytes: number): string {
  const sentence = 'Acme answers at length. ';
  return sentence.repeat(Math.ceil(bytes / sentence.length)).slice(0, bytes);
}
