/** What the support agent knows, by what the question mentions. The first match answers. */
const ANSWERS: readonly (readonly [pattern: RegExp, answer: string])[] = [
  [
    /\b(table|plans?|pric(e|es|ing)|compare)\b/i,
    [
      'Here are the Acme plans side by side:',
      '',
      '| Plan | Seats | Storage | Support | Price |',
      '| :--- | ---: | ---: | :---: | ---: |',
      '| Starter | 3 | 10 GB | Community | € 0 |',
      '| Team | 25 | 250 GB | Working days | € 12 a seat |',
      '| Business | unlimited | 2 TB | Day and night | € 29 a seat |',
      '',
      'You can change plan at any time; we settle the difference on the next invoice.',
    ].join('\n'),
  ],
  [
    /\b(code|api|webhook|script|sdk|curl)\b/i,
    [
      'Sure. This creates a project through the Acme API:',
      '',
      '```ts',
      "const response = await fetch('https://api.acme.example/v2/projects', {",
      "  method: 'POST',",
      '  headers: { Authorization: `Bearer ${token}` },',
      "  body: JSON.stringify({ name: 'Launch', region: 'eu-north' }),",
      '});',
      'if (!response.ok) throw new Error(`Acme answered ${response.status}`);',
      '```',
      '',
      'Keep the token on your server; `projects:write` is the only scope that it needs.',
    ].join('\n'),
  ],
  [
    /\b(list|steps?|how do i|set ?up|get started|install)\b/i,
    [
      'Getting started takes about five minutes:',
      '',
      '1. Create a **workspace** and invite your colleagues.',
      '2. Connect a data source:',
      '   - a spreadsheet,',
      '   - a database, or',
      '   - one of our 40 integrations.',
      '3. Pick a template and press *Publish*.',
      '',
      'Shall I walk you through one of these?',
    ].join('\n'),
  ],
  [
    /\b(links?|docs?|documentation|website|guide)\b/i,
    'The full guide is at [docs.acme.example](https://docs.acme.example/start), and current incidents are on our [status page](https://status.acme.example). You can also write to [support@acme.example](mailto:support@acme.example).',
  ],
  [
    /\b(images?|pictures?|screenshots?|logo|diagram)\b/i,
    'This is what the button looks like:\n\n![The Publish button in the top right corner](https://assets.acme.example/publish-button.png)\n\nYou find it in the top right corner of every project.',
  ],
  [
    /\bhtml\b|<[a-z]/i,
    'Acme shows HTML as text, for everyone’s safety. This, for example, does nothing: <b onclick="alert(1)">bold</b> <img src=x onerror=alert(1)> <script>alert(1)</script>\n\nIn Markdown, write **bold** instead, or `<b>` in backticks.',
  ],
  [
    /\b(refund|money back|cancel)/i,
    'You can cancel at any time under **Settings → Billing**. If you cancel within 30 days, we refund the whole amount to the card you paid with; it takes three to five working days.',
  ],
  [
    /\b(password|log ?in|sign ?in|locked|2fa|two-factor)\b/i,
    'I am sorry that you cannot get in. Choose *Forgot password* on the sign-in page; the link we send is valid for **20 minutes**. If you use two-factor sign-in and have lost your phone, one of your ten recovery codes works instead.',
  ],
  [
    /\b(hours?|open|opening|available|when)\b/i,
    'Our team is here **Monday to Friday, 8:00 to 18:00** (Central European Time). Outside these hours I answer by myself, and a colleague reads along the next morning.',
  ],
  [
    /\b(human|person|agent|colleague|someone)\b/i,
    'Of course. I have put you in the queue for a colleague; the wait is about four minutes at the moment. You can close this window, since the answer will also reach you by e-mail.',
  ],
  [
    /\b(bug|broken|error|fails?|failing|crash(es|ed)?|not work(ing)?)\b/i,
    [
      'Thank you for reporting this. To find the cause quickly I need:',
      '',
      '- what you did just before,',
      '- what you expected, and',
      '- the **request number** shown under the error.',
      '',
      '> Tip: with a private window you can rule out an extension.',
    ].join('\n'),
  ],
  [
    /\b(thanks?|thank you|cheers|great|perfect)\b/i,
    'You are very welcome! Is there anything else I can do for you?',
  ],
  [
    /\b(bye|goodbye|see you)\b/i,
    'Goodbye, and thank you for choosing Acme. The conversation stays here if you need it again.',
  ],
  [
    /\b(hi|hello|hey|good (morning|afternoon|evening))\b/i,
    'Hello, and welcome to **Acme Support**! I can help with plans and prices, setting up, the API, invoices and your account. What can I do for you?',
  ],
];

const FALLBACKS: readonly ((topic: string) => string)[] = [
  (topic) =>
    `I understand that it is about ${topic}. Most questions like this are solved under **Settings → Workspace**; if you tell me what you see there, I can be more precise.`,
  (topic) =>
    `Let me make sure that I understand: ${topic}. Is this in your own workspace, or in one that you were invited to?`,
  (topic) =>
    `Good question. About ${topic}, I would begin with a *copy* of your project, so that nothing changes for your colleagues while you try it out. Shall I show you the steps?`,
];

/** A helpful answer in Markdown. The same question gets the same answer. */
export function supportAnswer(question: string): string {
  const known = ANSWERS.find(([pattern]) => pattern.test(question));
  if (known) return known[1];
  const topic = question.trim().split('\n')[0] ?? '';
  if (topic === '') return 'I am here. What can I do for you?';
  const start = topic.length > 80 ? `${topic.slice(0, 77)}…` : topic;
  const answer = FALLBACKS[sum(topic) % FALLBACKS.length] ?? supportAnswer;
  return answer(`“${start}”`);
}

function sum(text: string): number {
  let total = 0;
  for (const character of text) total += character.codePointAt(0) ?? 0;
  return total;
}
