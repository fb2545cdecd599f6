import type { AgentScript, Reply } from './agents.ts';
import type { StoredMessage } from './store.ts';
import { isRecord } from './values.ts';
import { showcaseScript } from './showcase.ts';
import { supportAnswer } from './support-answers.ts';

const BILLING = 'Billing Agent:Billing Flow';

/** The scripted agents by workflow type. Heartbeats are answered for all of them in `Agents`. */
export const agentScripts: Readonly<Record<string, AgentScript>> = {
  'Support Agent:Chat Flow': (inbound, paceMs) => [{ delayMs: paceMs, text: supportReply(inbound) }],

  'Research Agent:Deep Flow': (inbound, paceMs) => {
    const topic = quoted(inbound.text) || 'your question';
    const step = (messageType: 'Reasoning' | 'Tool', text: string, data: unknown): Reply => ({
      delayMs: paceMs,
      messageType,
      text,
      data,
    });
    return [
      step('Reasoning', `Breaking ${topic} into smaller questions.`, { step: 1, of: 4 }),
      step('Tool', 'Searching the Acme knowledge base', { tool: 'knowledge_search', hits: 12 }),
      step('Tool', 'Reading “Choosing a plan” and “Limits and quotas”', {
        tool: 'read_article',
        articles: 2,
      }),
      step('Reasoning', 'Comparing the two articles and checking the dates.', { step: 4, of: 4 }),
      {
        delayMs: paceMs,
        text: [
          `Here is what I found on ${topic}:`,
          '',
          '1. The **Team** plan covers it for up to 25 people.',
          '2. Larger organisations need **Business**, which adds audit logs and single sign-on.',
          '3. Both articles were reviewed this quarter, so the limits are current.',
          '',
          'Sources: *Choosing a plan*, *Limits and quotas*.',
        ].join('\n'),
      },
    ];
  },

  'Triage Agent:Front Desk': (_inbound, paceMs) => [
    { delayMs: paceMs, text: 'That is one for our billing team. I am handing you over now.' },
    { delayMs: paceMs, messageType: 'Handoff', workflow: BILLING, data: { reason: 'billing question' } },
    {
      delayMs: paceMs,
      workflow: BILLING,
      text: 'Hello, this is **Billing** at Acme. I have read what you told the front desk. Which invoice is it about?',
    },
  ],

  [BILLING]: (inbound, paceMs) => [{ delayMs: paceMs, text: billingReply(inbound) }],

  'Data Agent:Card Flow': (inbound, paceMs) => [
    {
      delayMs: paceMs,
      messageType: 'Data',
      text: 'Order status',
      data: {
        kind: 'order-card',
        order: 'AC-20417',
        status: 'In transit',
        items: [
          { name: 'Acme Sensor, pack of 4', quantity: 1, price: '€ 89.00' },
          { name: 'Mounting kit', quantity: 2, price: '€ 12.50' },
        ],
        total: '€ 114.00',
        asked: inbound.text,
      },
    },
    { delayMs: paceMs, text: 'That is your latest order. It should arrive **within two days**.' },
  ],

  'Slow Agent:Sloth Flow': (_inbound, paceMs) => [
    {
      delayMs: paceMs * 12,
      text: 'Thank you for your patience. I have checked everything twice, and all is well.',
    },
  ],

  'Chatty Agent:Multi Flow': (inbound, paceMs) => [
    { delayMs: paceMs, text: `One moment, I am looking into ${quoted(inbound.text) || 'that'}.` },
    {
      delayMs: paceMs,
      text: 'Found it. Your workspace is on the **Team** plan, renewed on the first of each month.',
    },
    { delayMs: paceMs, text: 'Is there anything else? I can also change the billing address or add seats.' },
  ],

  'Echo Agent:Echo Flow': (inbound, paceMs) => {
    if (inbound.messageType === 'Data') return [{ delayMs: paceMs, messageType: 'Data', data: inbound.data }];
    return [{ delayMs: paceMs, text: `Echo: ${inbound.text ?? ''}` }];
  },

  'Showcase Agent:Gallery': showcaseScript,

  'Silent Agent:Silent Flow': () => [],
};

function supportReply({ messageType, text, data, workflowType }: StoredMessage): string {
  if (messageType === 'File') {
    const names = fileNames(data);
    return names.length > 0
      ? `Thank you, I have received ${names.map((name) => `**${name}**`).join(', ')}. What should I look for in it?`
      : 'This agent has no capability of handling file uploads.';
  }
  if (messageType !== 'Chat') {
    return `No ${messageType.toLowerCase()} handler registered for workflow type '${workflowType}'`;
  }
  return supportAnswer(text ?? '');
}

function billingReply({ text }: StoredMessage): string {
  const invoice = /\b(?:inv-?)?\d{3,}\b/i.exec(text ?? '')?.[0];
  return invoice
    ? `Thank you. Invoice **${invoice}** is paid; the receipt went to your billing address this morning.`
    : 'I see two open invoices:\n\n| Invoice | Due | Amount |\n| --- | --- | ---: |\n| 20417 | 1 July | € 114.00 |\n| 20398 | 1 June | € 89.00 |\n\nTell me the number and I will send you a copy.';
}

/** The start of a question, in quotation marks, to show that it was understood. */
function quoted(text: string | null): string {
  const line = text?.trim().split('\n')[0] ?? '';
  return line === '' ? '' : `“${line.length > 60 ? `${line.slice(0, 57)}…` : line}”`;
}

function fileNames(data: unknown): string[] {
  const files = isRecord(data) && Array.isArray(data['files']) ? data['files'] : [data];
  return files.flatMap((file: unknown) =>
    isRecord(file) && typeof file['fileName'] === 'string' ? [file['fileName']] : [],
  );
}
