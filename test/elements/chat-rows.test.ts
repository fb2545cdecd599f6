import { expect } from '@open-wc/testing';
import type { XiansFeedbackEvent } from '../../src/elements/chat-events.ts';
import { initials } from '../../src/elements/chat-avatar.ts';
import type { XiansErrorEvent } from '../../src/elements/events.ts';
import { harmlessName } from '../../src/elements/harmless-name.ts';
import { shortDuration } from '../../src/elements/short-duration.ts';
import type { Message } from '../../src/protocol/types.ts';
import { waitFor } from '../support/wait.ts';
import { message, NOW, own, type ViewHost } from './view-host.ts';

// The rows of a conversation: who says what and when, what was done for it, and what can be done about it.

type Host = ViewHost & {
  feedback?: string | undefined;
  agentName?: string | undefined;
  agentAvatar?: string | undefined;
  redactStep?: ((step: Message) => Message | undefined) | undefined;
};

let host: Host;

beforeEach(() => {
  host = document.createElement('test-view-host') as Host;
  host.style.cssText = 'display: block; block-size: 600px; inline-size: 400px';
  document.body.append(host);
});
afterEach(() => host.remove());

const $ = (selector: string) => host.renderRoot.querySelector<HTMLElement>(selector);
const all = (selector: string) => [...host.renderRoot.querySelectorAll<HTMLElement>(selector)];
const text = (element: Element | null | undefined) => element?.textContent.replace(/\s+/g, ' ').trim() ?? '';
const show = async (messages: readonly Message[], awaiting?: string) => {
  host.shownConversation.set({
    messages,
    awaitingReply: awaiting ? { requestId: awaiting, since: Date.now() - 5_000, slow: false } : undefined,
  });
  await host.updateComplete;
};
const step = (part: Partial<Message>) => message({ type: 'Tool', requestId: 'q', ...part });
const asked = (part: Partial<Message> = {}) =>
  ({ ...own('Why?', 'answered'), id: 'asked', requestId: 'q', createdAt: NOW, ...part }) as Message;
const open = async (details: HTMLElement | null) => {
  details?.querySelector('summary')?.click();
  return waitFor(() => details?.querySelector('ol'), 'the steps are drawn');
};

describe('the steps of a request', () => {
  it('say in one line how long it took, of how many steps and whether one failed', async () => {
    await show([
      asked(),
      step({ type: 'Reasoning', text: 'Hm', createdAt: NOW + 2_000 }),
      step({ text: 'Searching', data: { tool: 'search', isError: true }, createdAt: NOW + 5_000 }),
      message({ requestId: 'q', createdAt: NOW + 12_000 }),
    ]);
    await waitFor(() => $('.progress'), 'the steps are folded');
    expect(text($('.progress summary'))).to.equal('Worked for 12 sec · 2 steps1 failed');
    expect($('.progress ol')).not.to.exist;
    await expect(host).to.be.accessible();
  });

  it('tell when opened what was done, with which tool, for how long, and what failed', async () => {
    await show([
      asked(),
      step({ type: 'Reasoning', text: 'Hm', createdAt: NOW + 2_000 }),
      step({
        text: 'Searching',
        data: { tool: { name: 'search' }, status: 'failed' },
        createdAt: NOW + 5_000,
      }),
      step({ text: '', data: { toolName: 'read', durationMs: 65_000 }, createdAt: NOW + 6_000 }),
      message({ requestId: 'q', createdAt: NOW + 12_000 }),
    ]);
    await open(await waitFor(() => $('.progress'), 'the steps are folded'));
    expect(all('.progress li').map((row) => text(row.querySelector('.did')))).to.deep.equal([
      'Thought 3 sec',
      'Tool search Failed 1 sec',
      'Tool read 1 min 5 sec',
    ]);
    expect(all('.progress li .plain').map(text)).to.deep.equal(['Hm', 'Searching']);
    await expect(host).to.be.accessible();
    const details = all('.progress li details')[0];
    expect(details?.querySelector('pre')).not.to.exist;
    details?.querySelector('summary')?.click();
    await waitFor(() => details?.querySelector('pre'), 'the data are drawn');
    expect(details?.querySelector('pre')?.textContent).to.contain('"status": "failed"');
    await expect(host).to.be.accessible();
  });

  it('count the seconds while they go on, out of earshot, and say what is done now', async () => {
    await show([asked({ delivery: undefined }), step({ text: 'Searching' })], 'q');
    await waitFor(() => $('.progress.live'), 'the steps are folded');
    expect(text($('.progress .now'))).to.equal('Searching');
    const seconds = $('.progress .took');
    expect(seconds?.getAttribute('aria-hidden')).to.equal('true');
    const before = text(seconds);
    await waitFor(() => text(seconds) !== before, 'a second passes');
    await show([asked({ delivery: undefined }), step({ text: '', data: { tool: 'read' } })], 'q');
    expect(text($('.progress .now'))).to.equal('Using read…');
    expect(text($('[role="status"].hush'))).to.equal('');
    await expect(host).to.be.accessible();
  });

  it('stay readable when no answer came', async () => {
    await show([asked(), step({ text: 'Searching' })]);
    const details = await waitFor(() => $('.progress'), 'the steps are folded');
    expect(text(details.querySelector('summary'))).to.equal('No answer yet · 1 step');
    await open(details);
    expect(text($('.progress li .plain'))).to.equal('Searching');
  });

  it('are the last 50 of a thousand until all are asked for', async () => {
    const steps = Array.from({ length: 1_000 }, (_, index) => step({ text: `step ${index}` }));
    await show([asked(), ...steps]);
    const list = await open(await waitFor(() => $('.progress'), 'the steps are folded'));
    expect(list.children.length).to.equal(50);
    expect(text(list.firstElementChild?.querySelector('.plain'))).to.equal('step 950');
    $('.progress .all')?.click();
    await waitFor(() => all('.progress li').length === 1_000, 'all steps are there');
    expect($('.progress .all')).not.to.exist;
  });

  it('show what the page lets be seen of them, and nothing of a step on which its hook throws', async () => {
    const errors: XiansErrorEvent[] = [];
    host.addEventListener('xians-error', (event) => errors.push(event));
    let calls = 0;
    host.redactStep = (one) => {
      calls++;
      if (one.text === 'hide') return undefined;
      if (one.text === 'throw') throw new Error('Bearer abc');
      return { ...one, text: one.text?.replace(/\d+/, '…'), data: undefined };
    };
    await show([
      asked(),
      step({ text: 'card 4711', data: { secret: 4711 } }),
      step({ text: 'hide' }),
      step({ text: 'throw' }),
      message({ requestId: 'q', createdAt: NOW + 12_000 }),
    ]);
    const details = await waitFor(() => $('.progress'), 'the steps are folded');
    expect(text(details.querySelector('summary'))).to.match(/1 step$/);
    await open(details);
    expect(all('.progress li .plain').map(text)).to.deep.equal(['card …']);
    expect($('.progress li details')).not.to.exist;
    expect(errors.map(({ error }) => error.code)).to.deep.equal(['bug']);
    expect(errors[0]?.error.message).not.to.contain('abc');
    expect(calls).to.equal(3);
    host.redactStep = () => undefined;
    host.requestUpdate();
    await waitFor(() => !$('.progress'), 'nothing is left of the steps');
  });
});

describe('a handoff', () => {
  it('says who took over from whom, when and why, and names the first agent as the page does', async () => {
    host.agentName = 'Ada';
    Object.assign(host.shownConversation, { workflowId: 'acme:Support Agent:Chat Flow' });
    const handoff = message({
      type: 'Handoff',
      text: 'Support Agent:Chat Flow -> Billing Agent:Flow',
      workflowType: 'Billing Agent:Flow',
      data: { reason: 'A refund' },
    });
    await show([message({ text: 'Hello' }), handoff, message({ workflowType: 'Billing Agent:Flow' })]);
    const row = await waitFor(() => $('.handoff'), 'the handoff is drawn');
    expect(text(row)).to.match(
      /^You are now talking to Billing Agent Handed over by Ada · .*20\d\d.* Reason: A refund$/,
    );
    expect(row.querySelector('time')?.dateTime).to.equal(new Date(handoff.createdAt).toISOString());
    expect(all('.name').map(text)).to.deep.equal(['Ada', 'Billing Agent']);
    await expect(host).to.be.accessible();
  });

  it('is drawn also without a source and with any data', async () => {
    for (const data of [undefined, null, 'x', { reason: { a: 1 } }, { reason: '' }]) {
      await show([message({ type: 'Handoff', text: '', workflowType: 'B:Flow', data })]);
      const row = await waitFor(() => $('.handoff'), 'the handoff is drawn');
      expect(text(row)).to.match(/^You are now talking to B \d/);
    }
  });
});

describe('who speaks, and when', () => {
  it('is shown once a group, the time for those who listen with its date', async () => {
    await show([message({ text: 'a' }), message({ text: 'b' })]);
    expect(all('.avatar.avatar:not(.large)').map(text)).to.deep.equal(['SA']);
    expect(all('.message').map((row) => text(row.querySelector('.name, .hush')))).to.deep.equal([
      'Support Agent',
      'Support Agent',
    ]);
    const time = host.renderRoot.querySelector<HTMLTimeElement>('.message time');
    expect(text(time?.querySelector('.hush'))).to.equal(time?.title);
    expect(time?.title).to.match(/20\d\d/);
    expect(time?.querySelector('bdi')?.getAttribute('aria-hidden')).to.equal('true');
  });

  it('has initials in a colour of its name that can be read, light and dark', async () => {
    const names = ['Support', 'Billing Desk', 'Ärzte Team', '客服', 'مساعد المبيعات', '🙂'];
    await show(names.map((name) => message({ workflowType: `${name}:Flow` })));
    expect(new Set(all('.avatar').map(({ className }) => className)).size).to.be.greaterThan(2);
    await expect(host).to.be.accessible();
    document.documentElement.style.colorScheme = 'dark';
    await expect(host).to.be.accessible();
    document.documentElement.style.colorScheme = '';
  });

  it('has a picture in place of initials only once it is there', async () => {
    const canvas = document.createElement('canvas');
    host.agentAvatar = 'data:image/png;base64,broken';
    await show([message({})]);
    const image = host.renderRoot.querySelector<HTMLImageElement>('.message .avatar img');
    await waitFor(() => image?.complete, 'it was tried');
    expect(image?.hidden).to.equal(true);
    expect(text($('.message .avatar'))).to.equal('SA');
    host.agentAvatar = canvas.toDataURL();
    host.requestUpdate();
    await waitFor(() => image && !image.hidden, 'the picture shows');
    expect(image?.alt).to.equal('');
    expect(image?.referrerPolicy).to.equal('no-referrer');
  });

  it('takes initials of words, whole', () => {
    expect(initials('support agent')).to.equal('SA');
    expect(initials('Anna Maria da Silva')).to.equal('AS');
    expect(initials('Ada')).to.equal('A');
    expect(initials("O'Brien")).to.equal('O');
    expect(initials('😀')).to.equal('·');
    expect(initials('𝒳 men')).to.equal('𝒳M');
  });

  it('makes any name one that stays in its line', () => {
    const zalgo = `Z${'\u0335\u0321'.repeat(100)}algo`;
    expect(harmlessName(zalgo)).to.equal('Z\u0335\u0321\u0335algo');
    expect(harmlessName('\u202egpj.exe\nname\u0000')).to.equal('gpj.exe name');
    expect(harmlessName('x'.repeat(40_000)).length).to.equal(80);
    expect(harmlessName('😀'.repeat(100))).not.to.match(/\p{Cs}/u);
    expect(harmlessName(`${'x'.repeat(999)}😀`, 2_000)).not.to.match(/\p{Cs}/u);
    expect(harmlessName('\ud800a')).to.equal('a');
  });

  it('takes no more room for a name of 40 kB, and leaves names from other sides their direction', async () => {
    await show([
      message({ workflowType: `${'N'.repeat(40_000)}:Flow` }),
      message({ workflowType: 'خدمة العملاء:Flow' }),
      message({ type: 'X'.repeat(40_000), text: '' }),
      message({ text: '' }),
      message({ text: ' \n ' }),
    ]);
    const transcript = $('.transcript');
    expect(transcript?.scrollWidth).to.equal(transcript?.clientWidth);
    expect($('.name')?.offsetHeight).to.be.lessThan(40);
    expect(all('.quiet').map(text).slice(1)).to.deep.equal(['Message without text', 'Message without text']);
    expect(text($('.quiet')).length).to.be.lessThan(150);
  });
});

describe('the names of fields', () => {
  it('are not broken inside words where values are short, nor wider than the card', async () => {
    const long = 'n'.repeat(400);
    await show([message({ type: 'Data', text: '', data: { actions: 'x', items: 'y', [long]: 'z' } })]);
    const names = await waitFor(() => (all('dt').length === 3 ? all('dt') : undefined), 'the fields');
    const [first, second, third] = names.map((name) => name.offsetHeight);
    expect(second).to.equal(first);
    expect(first).to.be.lessThan(30);
    expect(third).to.be.greaterThan(60);
    await show([message({ type: 'Data', text: '', data: { actions: 'x', items: 'y' } })]);
    await waitFor(() => all('dt').length === 2, 'the fields');
    expect(all('dt').map((name) => name.offsetHeight)).to.deep.equal([first, first]);
    const transcript = $('.transcript');
    expect(transcript?.scrollWidth).to.equal(transcript?.clientWidth);
  });
});

describe('a message that nobody answers', () => {
  const again = () => all('.again');

  it('offers to be asked again, and says so when no reply is expected any more', async () => {
    await show([{ ...own('Hello?', 'sent'), requestId: 'q' }], 'q');
    expect(text($('.meta'))).not.to.contain('No reply');
    host.shownConversation.set({ awaitingReply: undefined });
    await host.updateComplete;
    expect(text($('.meta'))).to.match(/Sent.*No reply yet.*Ask again$/);
    await expect(host).to.be.accessible();
    const sent: unknown[] = [];
    Object.assign(host, { send: (message: unknown) => Promise.resolve(void sent.push(message)) });
    again()[0]?.click();
    await waitFor(() => sent.length === 1, 'it is sent');
    expect(JSON.stringify(sent[0])).to.contain('Hello?');
  });

  it('also says so while a reply is taking long', async () => {
    const question = { ...own('Hello?', 'sent'), requestId: 'q' };
    host.shownConversation.set({
      messages: [question],
      awaitingReply: { requestId: 'q', since: NOW, slow: true },
    });
    await host.updateComplete;
    expect(text($('.meta'))).to.contain('No reply yet');
    host.shownConversation.receive(message({ requestId: 'q' }));
    host.shownConversation.set({ awaitingReply: undefined });
    await host.updateComplete;
    expect(text($('.own .meta'))).not.to.contain('No reply');
  });

  it('is offered quietly for every sent text, and for nothing that waits or failed', async () => {
    await show([
      own('answered', 'answered'),
      message({}),
      own('queued', 'queued'),
      message({}),
      own('failed', 'failed'),
      message({}),
      { ...own('', 'sent'), type: 'Data', data: { a: 1 } },
      message({}),
    ]);
    expect(again().length).to.equal(1);
    expect(again()[0]?.closest('.message')?.textContent).to.contain('answered');
    expect(text($('.message'))).not.to.contain('No reply');
  });

  it('is said to be at work only while it can be reached', async () => {
    await show([{ ...own('Hello?', 'sent'), requestId: 'q' }], 'q');
    expect($('.typing')).to.not.equal(null);
    const { status } = host;
    host.status = { ...status, state: 'offline', channel: undefined };
    host.requestUpdate();
    await waitFor(() => !$('.typing') && !$('.stop'), 'nothing is claimed');
    host.status = status;
    host.requestUpdate();
    await waitFor(() => $('.typing') && $('.stop'), 'it goes on');
  });

  it('can be given up: the wait ends here, and this is said', async () => {
    await show([{ ...own('Hello?', 'sent'), requestId: 'q' }], 'q');
    Object.assign(host.shownConversation, {
      stopWaiting: () => host.shownConversation.set({ awaitingReply: undefined }),
    });
    $('.stop')?.click();
    await waitFor(() => !$('.typing'), 'nobody is said to be writing');
    await waitFor(() => text($('[role="status"].hush')).includes('Not waiting any more'), 'it is said');
  });
});

describe('the rating of a reply', () => {
  const told: XiansFeedbackEvent[] = [];
  const listen = () => {
    told.length = 0;
    host.addEventListener('xians-feedback', (event) => told.push(event));
  };
  const rates = () => all('.rate');

  beforeEach(listen);

  it('is not there unless the page wants it', async () => {
    await show([own('Hi', 'answered'), message({})]);
    expect(rates()).to.deep.equal([]);
  });

  it('is told at once by thumbs, and again with the reason and the comment', async () => {
    host.feedback = 'thumbs';
    const reply = message({ text: 'No idea' });
    await show([own('Hi', 'answered'), message({ text: 'Well' }), reply]);
    await waitFor(() => rates().length === 2, 'the thumbs are there');
    await expect(host).to.be.accessible();
    rates()[1]?.click();
    await waitFor(() => $('.why'), 'it asks why');
    expect(
      told.map(({ message, rating, reason, comment }) => [message, rating, reason, comment]),
    ).to.deep.equal([[reply, 1, undefined, undefined]]);
    expect(rates().map((rate) => rate.getAttribute('aria-pressed'))).to.deep.equal(['false', 'true']);
    await expect(host).to.be.accessible();
    all('.reasons .pill')[3]?.click();
    await waitFor(() => $('.reasons .pill[aria-pressed="true"]'), 'the reason is chosen');
    const comment = host.renderRoot.querySelector<HTMLTextAreaElement>('.comment');
    comment?.focus();
    expect(getComputedStyle(comment!).outlineStyle, 'the field of the composer is another').to.equal('solid');
    comment!.value = ' I asked for prices ';
    $('.why [type="submit"]')?.focus();
    $('.why [type="submit"]')?.click();
    await waitFor(() => $('.thanks'), 'it says thank you');
    expect(told.slice(1).map(({ rating, reason, comment }) => [rating, reason, comment])).to.deep.equal([
      [1, 'ResponseTooGeneric', 'I asked for prices'],
    ]);
    expect((host.renderRoot as ShadowRoot).activeElement).to.equal(rates()[1]);
    await waitFor(() => text($('[role="status"].hush')).includes('Thank you'), 'it is read out');
    await expect(host).to.be.accessible();
  });

  it('can be changed, stays with its message, and is not told twice', async () => {
    host.feedback = 'thumbs';
    const reply = message({});
    await show([own('Hi', 'answered'), reply]);
    await waitFor(() => rates().length === 2, 'the thumbs are there');
    rates()[0]?.click();
    rates()[0]?.click();
    rates()[1]?.click();
    await show([own('Hi', 'answered'), reply, own('Bye', 'answered'), message({})]);
    expect(told.map(({ rating }) => rating)).to.deep.equal([5, 1]);
    expect(rates().map((rate) => rate.getAttribute('aria-pressed'))).to.deep.equal([
      'false',
      'true',
      'false',
      'false',
    ]);
  });

  it('has five stars, of which those up to the chosen one shine', async () => {
    host.feedback = 'stars';
    await show([message({})]);
    await waitFor(() => rates().length === 5, 'the stars are there');
    rates()[3]?.click();
    await waitFor(() => all('.rate.lit').length === 4, 'four stars shine');
    expect(told.map(({ rating }) => rating)).to.deep.equal([4]);
    expect(rates()[3]?.getAttribute('aria-label')).to.equal('4 of 5 stars');
    expect($('.reasons')).not.to.exist;
    await expect(host).to.be.accessible();
  });

  it('leaves what is asked for with Escape, which closes no window', async () => {
    host.feedback = 'thumbs';
    await show([message({})]);
    await waitFor(() => rates().length === 2, 'the thumbs are there');
    rates()[1]?.click();
    const form = await waitFor(() => $('.why'), 'it asks why');
    const escape = new KeyboardEvent('keydown', {
      key: 'Escape',
      bubbles: true,
      composed: true,
      cancelable: true,
    });
    form.querySelector('textarea')?.focus();
    let reached = false;
    host.addEventListener('keydown', () => (reached = true), { once: true });
    form.querySelector('textarea')?.dispatchEvent(escape);
    await waitFor(() => !$('.why'), 'it does not ask any more');
    expect(reached).to.equal(false);
    expect((host.renderRoot as ShadowRoot).activeElement).to.equal(rates()[1]);
    expect(told.length).to.equal(1);
  });
});

describe('shortDuration', () => {
  it('writes seconds, and two units beyond a minute', () => {
    const all = [-5, 400, 1_400, 59_400, 65_000, 3_600_000, 3_725_000].map((ms) => shortDuration(ms, 'en'));
    expect(all).to.deep.equal([
      '0 sec',
      '0.4 sec',
      '1 sec',
      '59 sec',
      '1 min 5 sec',
      '1 hr 0 min',
      '1 hr 2 min',
    ]);
  });
});
