import type { ShowcaseEntry } from './showcase.ts';

const GALLERY = 'Showcase Agent:Gallery';
const BILLING = 'Billing Agent:Billing Flow';

/** Six pixels of six colours. */
const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAHUlEQVR42mO46cH/dR63dpcdg2ThIX+3p3PMtgIATjMID3rf4wkAAAAASUVORK5CYII=';

/** Steps of an agent's work, handoffs, files, and what should not happen but does. */
export const rowShowcase: Readonly<Record<string, ShowcaseEntry>> = {
  steps: {
    about: 'What the agent does before it answers, one step of it without success',
    replies: [
      { messageType: 'Reasoning', text: 'The question is about delivery. I need the order and the carrier.' },
      {
        messageType: 'Tool',
        text: 'Looking up the order',
        data: { tool: 'orders.find', order: 'AC-20417', hits: 1 },
      },
      {
        messageType: 'Tool',
        text: 'Asking the carrier',
        data: { tool: 'carrier.track', status: 'failed', error: 'No answer within 2 s', durationMs: 2_000 },
      },
      { messageType: 'Tool', text: '', data: { tool: 'carrier.track', status: 'ok', durationMs: 340 } },
      { messageType: 'Reasoning', text: 'It left the depot this morning, so it comes tomorrow.' },
      { text: 'Your order **AC-20417** left the depot this morning. It will be with you tomorrow.' },
    ],
  },
  handoff: {
    about: 'Another agent takes over, and gives back',
    replies: [
      { text: 'Let me ask my colleague.' },
      { messageType: 'Handoff', workflow: BILLING, data: { reason: 'A question about an invoice' } },
      { workflow: BILLING, text: 'Billing here. Invoice 4711 is paid.' },
      {
        messageType: 'Handoff',
        workflow: GALLERY,
        text: `${BILLING} -> ${GALLERY}`,
        data: { reason: 'The invoice is paid' },
      },
    ],
  },
  files: {
    about: 'A picture, a document, and a file that broke on its way',
    replies: [
      {
        messageType: 'File',
        text: 'Here is what you asked for:',
        data: {
          files: [
            { fileName: 'colours.png', contentType: 'image/png', content: PICTURE },
            { fileName: 'terms.txt', contentType: 'text/plain', content: 'UGF5IHdpdGhpbiAxNCBkYXlzLgo=' },
            { fileName: 'broken.zip', contentType: 'application/zip', content: 'this is not base64!' },
          ],
        },
      },
    ],
  },
  silence: { about: 'Nothing: the message is stored and nobody answers', replies: [] },
  unfinished: {
    about: 'A step, and no answer after it',
    replies: [{ messageType: 'Tool', text: 'Looking it up', data: { tool: 'orders.find' } }],
  },
  empty: { about: 'A message without a text', replies: [{ text: '' }] },
  zalgo: {
    about: 'Letters with more marks than any language has, and text that wants to run the other way',
    replies: [{ text: `Z${'\u0335\u0321\u0353\u030d'.repeat(40)}algo and \u202edrawkcab` }],
  },
};
