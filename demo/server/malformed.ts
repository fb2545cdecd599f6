/** Things that no server should send, for clients to survive. */

const RECORD_END = '\x1e';

/** Text of a socket message by kind. `hub-incomplete` lacks the end of its record. */
export const malformedHubText = {
  'hub-garbage': `}{ this is not JSON${RECORD_END}`,
  'hub-incomplete': '{"type":1,"target":"ReceiveChat","argum',
  'hub-wrong-shape': [
    {
      type: 1,
      target: 'ReceiveChat',
      arguments: [{ id: 42, text: { not: 'text' }, createdAt: 'yesterday' }],
    },
    { type: 1, target: 'ReceiveChat', arguments: [null] },
    { type: 1, target: 'ReceiveChat', arguments: ['only text'] },
    { type: 1, target: 'ThreadHistory', arguments: [{ not: 'a list' }] },
    { type: 1, target: 'InboundProcessed', arguments: [500] },
  ]
    .map((record) => JSON.stringify(record) + RECORD_END)
    .join(''),
} as const;

/** Broken JSON, a wrong shape, an unknown event and a torn line. */
export const malformedSseText = [
  'event: Chat\ndata: {"id":"66b1f0d9',
  'event: Chat\ndata: {"id":42,"text":{"not":"text"}}',
  'event: Chat\ndata: null',
  'event: mystery\ndata: {}',
  'data: no event name',
  '\u0000\u0001 neither field nor comment',
]
  .map((frame) => `${frame}\n\n`)
  .join('');

/** `items` with rubbish between them. */
export function malformedHistory(items: readonly object[]): unknown[] {
  const rubbish = [null, 7, 'text', [], {}, { id: 42, createdAt: 'yesterday', participantId: null }];
  return [...rubbish, ...items, { ...items[0], id: null }];
}
