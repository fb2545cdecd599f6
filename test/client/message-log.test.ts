import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { localId, MessageLog } from '../../src/client/message-log.ts';
import type { Message } from '../../src/protocol/types.ts';
import { SEED } from '../support/seed.ts';

const BASE: Message = {
  id: '',
  requestId: undefined,
  threadId: undefined,
  workflowId: 'acme:Support Agent:Chat Flow',
  workflowType: 'Support Agent:Chat Flow',
  participantId: 'jane',
  author: 'agent',
  type: 'Chat',
  text: undefined,
  data: undefined,
  topic: undefined,
  hint: undefined,
  createdAt: 0,
  updatedAt: 0,
};

const agent = (id: string, createdAt: number, more: Partial<Message> = {}): Message => ({
  ...BASE,
  id,
  createdAt,
  updatedAt: createdAt,
  ...more,
});
const visitor = (id: string, createdAt: number, requestId: string): Message =>
  agent(id, createdAt, { author: 'participant', requestId });
const local = (requestId: string): Message => ({
  ...visitor(localId(requestId), 9e15, requestId),
  delivery: { state: 'queued', attempts: 0, persisted: false },
});
const ids = (log: MessageLog) => log.messages.map((message) => message.id);

describe('MessageLog', () => {
  it('H2: shows messages oldest first by time and id, whatever order they arrive in', () => {
    const messages = ['a', 'b', 'c', 'd', 'e'].map((id, index) => agent(id, 100 + Math.floor(index / 2)));
    fc.assert(
      fc.property(fc.shuffledSubarray(messages, { minLength: messages.length }), (arrivals) => {
        const log = new MessageLog();
        for (const message of arrivals) log.receive(message);
        assert.deepEqual(ids(log), ['a', 'b', 'c', 'd', 'e']);
      }),
      { seed: SEED },
    );
  });

  it('H6: shows a message once, and replaces it when a newer update comes under the same id', () => {
    const log = new MessageLog();
    assert.equal(log.receive(agent('a', 1, { text: 'old' })), 'added');
    assert.equal(log.receive(agent('a', 1, { text: 'old' })), 'known');
    assert.equal(log.receive(agent('a', 1, { text: 'new', updatedAt: 5 })), 'updated');
    assert.equal(log.receive(agent('a', 1, { text: 'older', updatedAt: 3 })), 'known');
    assert.deepEqual(
      log.messages.map((message) => message.text),
      ['new'],
    );
  });

  it('keeps what waits at the end, whatever clock wrote it', () => {
    const log = new MessageLog();
    log.addLocal({ ...local('r1'), createdAt: 1 });
    log.addLocal({ ...local('r2'), createdAt: 0 });
    log.receive(agent('a', 500));
    assert.deepEqual(ids(log), ['a', 'local:r1', 'local:r2']);
  });

  it('puts a request before its reply, also when the reply comes before the acknowledgement', () => {
    const log = new MessageLog();
    log.receive(agent('before', 100));
    log.addLocal(local('r1'));
    log.receive(agent('reply', 200, { requestId: 'r1' }));
    assert.deepEqual(ids(log), ['before', 'local:r1', 'reply']);
    assert.equal(log.own('r1')?.delivery?.state, 'answered');
    log.setDelivery('r1', { state: 'sent', attempts: 1, persisted: false });
    log.receive(agent('later', 300));
    assert.deepEqual(ids(log), ['before', 'local:r1', 'reply', 'later']);
    assert.equal(log.own('r1')?.delivery?.state, 'answered');
  });

  it('lets the copy of the server take the place of the local message', () => {
    const log = new MessageLog();
    log.addLocal(local('r1'));
    log.setDelivery('r1', { state: 'sent', attempts: 1, persisted: false });
    assert.equal(log.receive(visitor('srv', 150, 'r1')), 'updated');
    log.receive(agent('reply', 160, { requestId: 'r1' }));
    assert.deepEqual(ids(log), ['srv', 'reply']);
    assert.equal(log.receive(visitor('srv', 150, 'r1')), 'known');
  });

  it('shows a request that the server stored twice once, as the first copy', () => {
    const log = new MessageLog();
    log.receive(visitor('second', 300, 'r1'));
    log.receive(visitor('first', 200, 'r1'));
    log.receive(visitor('second', 300, 'r1'));
    assert.deepEqual(ids(log), ['first']);
  });

  it('gives the same array until something changes', () => {
    const log = new MessageLog();
    log.receive(agent('a', 1));
    const before = log.messages;
    log.receive(agent('a', 1));
    assert.equal(log.messages, before);
    log.receive(agent('b', 2));
    assert.notEqual(log.messages, before);
    assert.equal(log.messages[0], before[0]);
  });

  it('does not count a step on the way as the answer', () => {
    const log = new MessageLog();
    log.addLocal(local('r1'));
    log.receive(agent('step', 5, { requestId: 'r1', type: 'Reasoning' }));
    assert.equal(log.isAnswered('r1'), false);
    assert.equal(log.own('r1')?.delivery?.state, 'queued');
    log.receive(agent('answer', 6, { requestId: 'r1' }));
    assert.equal(log.isAnswered('r1'), true);
  });
});
