import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { parseConverseReply } from '../../src/protocol/parse-converse.ts';
import { parseHistory, parseMessage } from '../../src/protocol/parse.ts';
import { SEED } from '../support/seed.ts';

const live = {
  id: '66b1f0d9a4d7e9f1b2c3d4f0',
  threadId: '66b1f0c2a4d7e9f1b2c3d4e5',
  requestId: '2f0f6f0e-6c5e-4a1e-9a53-0f6a1f9a4a10',
  tenantId: 'acme',
  createdAt: '2026-07-01T09:14:57.123Z',
  updatedAt: '2026-07-01T09:14:58.5Z',
  createdBy: 'support-agent-cert',
  direction: 'Outgoing',
  text: 'We open at nine.',
  participantId: 'jane@example.com',
  workflowId: 'acme:Support Agent:Chat Flow',
  workflowType: 'Support Agent:Chat Flow',
  messageType: 'Chat',
};

/** The 14 fields of SSE, nulls written. */
const sse = {
  id: live.id,
  threadId: live.threadId,
  workflowId: live.workflowId,
  workflowType: live.workflowType,
  participantId: live.participantId,
  direction: live.direction,
  messageType: live.messageType,
  text: live.text,
  data: null,
  hint: null,
  scope: null,
  requestId: live.requestId,
  createdAt: live.createdAt,
  createdBy: live.createdBy,
};

const history = {
  feedback: null,
  ...live,
  status: null,
  data: null,
  scope: null,
  hint: null,
  taskId: null,
  origin: 'Bearer eyJhbGciOiJub25lIn0.e30.secret',
  expiresAt: null,
};

const isProtocolError = (error: unknown) => error instanceof RealtimeError && error.code === 'protocol';

describe('parseMessage', () => {
  it('gives one message for the shapes of the hub, SSE and history', () => {
    const fromHub = parseMessage(live);
    assert.deepEqual(fromHub, {
      id: live.id,
      requestId: live.requestId,
      threadId: live.threadId,
      workflowId: live.workflowId,
      workflowType: 'Support Agent:Chat Flow',
      participantId: 'jane@example.com',
      author: 'agent',
      type: 'Chat',
      text: 'We open at nine.',
      data: undefined,
      topic: undefined,
      hint: undefined,
      createdAt: Date.UTC(2026, 6, 1, 9, 14, 57, 123),
      updatedAt: Date.UTC(2026, 6, 1, 9, 14, 58, 500),
    });
    assert.deepEqual(parseMessage(history), fromHub);
    assert.deepEqual(parseMessage(sse), { ...fromHub, updatedAt: fromHub.createdAt });
  });

  it('never copies origin, which can hold a credential', () => {
    assert.doesNotMatch(JSON.stringify(parseMessage(history)), /secret|origin/);
  });

  it('reads the author from the direction, with the legacy word and an echoed handoff', () => {
    const author = (direction: string, messageType = 'Chat') =>
      parseMessage({ ...live, direction, messageType }).author;
    assert.equal(author('Incoming'), 'participant');
    assert.equal(author('Outgoing'), 'agent');
    assert.equal(author('Handover'), 'agent');
    assert.equal(author('Incoming', 'Handoff'), 'participant');
  });

  it('writes participants and database ids in one case', () => {
    const { id, threadId, participantId } = parseMessage({
      ...live,
      id: live.id.toUpperCase(),
      threadId: live.threadId.toUpperCase(),
      participantId: 'Jane@Example.COM',
    });
    assert.deepEqual([id, threadId, participantId], [live.id, live.threadId, live.participantId]);
  });

  it('keeps types that nobody has heard of', () => {
    assert.equal(parseMessage({ ...live, messageType: 'Hologram' }).type, 'Hologram');
  });

  it('reads timestamps with 0 to 7 digits of fraction, and with another zone or none', () => {
    const second = Date.UTC(2026, 6, 1, 9, 14, 57);
    const at = (createdAt: string) => parseMessage({ ...live, createdAt }).createdAt - second;
    for (const [fraction, expected] of [
      ['', 0],
      ['.1', 100],
      ['.12', 120],
      ['.123', 123],
      ['.1234', 123],
      ['.12345', 123],
      ['.123456', 123],
      ['.1234567', 123],
    ] as const) {
      assert.equal(at(`2026-07-01T09:14:57${fraction}Z`), expected, fraction);
    }
    assert.equal(at('2026-07-01T11:14:57.5+02:00'), 500);
    assert.equal(at('2026-07-01T11:14:57+0200'), 0);
    assert.equal(at('2026-07-01T09:14:57.25'), 250);
  });

  it('leaves a __proto__ key in data where it is, without effect on anything', () => {
    const raw: unknown = JSON.parse(
      JSON.stringify(live).replace('{', '{"__proto__":{"id":"evil"},"data":{"__proto__":{"polluted":true}},'),
    );
    const message = parseMessage(raw);
    assert.equal(message.id, live.id);
    assert.equal(Object.getPrototypeOf(message), Object.prototype);
    assert.equal('polluted' in {}, false);
    assert.equal('polluted' in (message.data as object), false);
  });

  it('refuses what lacks an id, workflow, participant, direction or time', () => {
    for (const field of ['id', 'workflowId', 'participantId', 'direction', 'createdAt']) {
      for (const value of [undefined, null, '', ' ', 7, {}, 'x'.repeat(0)]) {
        assert.throws(
          () => parseMessage({ ...live, [field]: value }),
          isProtocolError,
          `${field} ${JSON.stringify(value)}`,
        );
      }
    }
    assert.throws(() => parseMessage({ ...live, direction: 'Sideways' }), isProtocolError);
    assert.throws(() => parseMessage({ ...live, createdAt: 'yesterday' }), isProtocolError);
    assert.throws(() => parseMessage({ ...live, messageType: 3 }), isProtocolError);
    for (const raw of [undefined, null, 1, 'text', [live], () => live]) {
      assert.throws(() => parseMessage(raw), isProtocolError);
    }
  });

  it('throws nothing but a RealtimeError, whatever arrives, and its message quotes nothing of it', () => {
    const anyWire = fc.oneof(
      fc.anything(),
      fc.record(
        Object.fromEntries(
          Object.keys(history).map((key) => [
            key,
            fc.oneof(fc.constant(history[key as keyof typeof history]), fc.anything()),
          ]),
        ),
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(anyWire, (raw) => {
        try {
          const message = parseMessage(raw);
          assert.equal('origin' in message, false);
          assert.equal(Number.isFinite(message.createdAt) && Number.isFinite(message.updatedAt), true);
          assert.equal(message.participantId, message.participantId.toLowerCase());
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          assert.ok(isProtocolError(error), String(error));
        }
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  });

  it('never lets an origin through, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), (origin) => {
        fc.pre(!JSON.stringify(live).includes(origin));
        assert.ok(!JSON.stringify(parseMessage({ ...live, origin })).includes(JSON.stringify(origin)));
      }),
      { seed: SEED },
    );
  });
});

describe('parseHistory', () => {
  it('H2: puts the oldest first, ties by id, and counts what it cannot read', () => {
    const at = (id: string, createdAt: string) => ({ ...history, id, createdAt });
    const page = parseHistory([
      at('c'.repeat(24), '2026-07-01T09:00:02Z'),
      { nonsense: true },
      at('b'.repeat(24), '2026-07-01T09:00:01Z'),
      at('a'.repeat(24), '2026-07-01T09:00:01Z'),
      null,
    ]);
    assert.deepEqual(
      page.messages.map(({ id }) => id[0]),
      ['a', 'b', 'c'],
    );
    assert.equal(page.malformed, 2);
  });

  it('takes null, the answer for a page that does not exist, for an empty page', () => {
    assert.deepEqual(parseHistory(null), { messages: [], malformed: 0 });
  });

  it('refuses anything else that is no list', () => {
    for (const raw of [{}, 'x', 3, true]) assert.throws(() => parseHistory(raw), isProtocolError);
  });
});

describe('parseConverseReply', () => {
  const reply = {
    threadId: live.threadId,
    text: 'We open at nine.',
    participantId: 'jane@example.com',
    data: null,
    createdAt: '2026-07-01T09:14:57.123Z',
    messageType: 'Chat',
    scope: null,
    requestId: live.requestId,
    hint: null,
  };
  const context = { workflowId: live.workflowId, requestId: 'asked' };

  it('makes up the id from the request and the time, and knows the rest from the question', () => {
    const message = parseConverseReply(reply, context);
    assert.equal(message.id, `converse:${live.requestId}:${Date.UTC(2026, 6, 1, 9, 14, 57, 123)}`);
    assert.equal(message.author, 'agent');
    assert.equal(message.workflowId, live.workflowId);
    assert.equal(message.workflowType, 'Support Agent:Chat Flow');
    assert.equal(parseConverseReply({ ...reply, requestId: null }, context).requestId, 'asked');
  });

  it('refuses a list, which the published types promise and no server sends', () => {
    assert.throws(() => parseConverseReply([reply], context), isProtocolError);
  });
});
