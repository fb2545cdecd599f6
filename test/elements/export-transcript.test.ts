import { expect } from '@open-wc/testing';
import { exportTranscript, type TranscriptFormat } from '../../src/elements/export-transcript.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import type { Message } from '../../src/protocol/types.ts';

const SAID: Message = {
  id: '1',
  requestId: 'r1',
  threadId: 't',
  workflowId: 'acme:Triage Agent:Front Desk',
  workflowType: 'Triage Agent:Front Desk',
  participantId: 'jane',
  author: 'agent',
  type: 'Chat',
  text: 'One moment.',
  data: undefined,
  topic: undefined,
  hint: undefined,
  createdAt: Date.UTC(2026, 6, 1, 9),
  updatedAt: Date.UTC(2026, 6, 1, 9),
};
const HANDOFF: Message = {
  ...SAID,
  id: '2',
  type: 'Handoff',
  workflowType: 'Billing Agent:Billing Flow',
  text: 'Triage Agent:Front Desk -> Billing Agent:Billing Flow',
  data: { reason: 'invoice', score: 0.7 },
};
const messages = [SAID, HANDOFF, { ...SAID, id: '3', author: 'participant', text: 'Hello' } as const];

describe('exportTranscript', () => {
  it('writes a handoff in words, not as it went over the wire', () => {
    expect(exportTranscript(messages, 'text')).to.equal(
      'Triage Agent (2026-07-01T09:00:00.000Z)\n\nOne moment.\n\n' +
        'You are now talking to Billing Agent (2026-07-01T09:00:00.000Z)\n\n' +
        'You (2026-07-01T09:00:00.000Z)\n\nHello\n',
    );
    expect(exportTranscript(messages, 'markdown')).to.contain(
      '**You are now talking to Billing Agent** (2026',
    );
    expect(exportTranscript(messages, 'markdown')).not.to.match(/->|score/);
  });

  it('keeps everything in JSON', () => {
    const records = JSON.parse(exportTranscript(messages, 'json')) as Record<string, unknown>[];
    expect(records).to.have.length(3);
    expect(records[1]).to.deep.include({ type: 'Handoff', text: HANDOFF.text, data: HANDOFF.data });
  });

  it('refuses a format that does not exist', () => {
    for (const format of ['pdf', '', 'toString', null]) {
      expect(() => exportTranscript(messages, format as TranscriptFormat), String(format))
        .to.throw(RealtimeError, 'markdown, json, text')
        .with.property('code', 'input');
    }
  });
});
