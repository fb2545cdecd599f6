import { expect, fixture, html } from '@open-wc/testing';
import '../../src/index.ts';
import type { XiansChat } from '../../src/elements/xians-chat.ts';
import { waitFor } from '../support/wait.ts';

let tenants = 0;

/** A chat whose server never answers, with its view loaded, inside what `around` makes of a `<div>`. */
async function chatInside(around: Partial<CSSStyleDeclaration>, attributes: Record<string, string> = {}) {
  const parent = await fixture<HTMLElement>(html`<div></div>`);
  Object.assign(parent.style, around);
  const chat = document.createElement('xians-chat');
  const connection = {
    'server-url': 'http://127.0.0.1:9',
    'tenant-id': `text-${++tenants}`,
    'participant-id': 'jane',
    'api-key': 'sk-Xnai-test',
    workflow: 'Support Agent:Chat Flow',
  };
  for (const [name, value] of Object.entries({ ...connection, ...attributes }))
    chat.setAttribute(name, value);
  parent.append(chat);
  await waitFor(() => chat.shadowRoot!.querySelector('textarea'), 'the view is there');
  return chat;
}

const styleIn = (chat: XiansChat, selector: string) =>
  getComputedStyle(chat.shadowRoot!.querySelector(selector)!);

describe('text inside a chat', () => {
  afterEach(() => document.documentElement.removeAttribute('style'));

  const foreign = {
    letterSpacing: '5px',
    wordSpacing: '10px',
    textAlign: 'center',
    textIndent: '30px',
    textShadow: 'rgb(255, 0, 0) 1px 1px 1px',
    textTransform: 'uppercase',
    whiteSpace: 'nowrap',
    wordBreak: 'break-all',
    hyphens: 'auto',
    fontStyle: 'italic',
    fontVariant: 'small-caps',
  } as const;

  it('is not set like the text of the page around it', async () => {
    const plain = await chatInside({});
    const chat = await chatInside(foreign);
    for (const selector of ['h2', '.status', '.transcript', 'textarea', 'button']) {
      for (const name of Object.keys(foreign) as (keyof typeof foreign)[]) {
        expect(styleIn(chat, selector)[name], `${name} of ${selector}`).to.equal(
          styleIn(plain, selector)[name],
        );
      }
    }
  });

  it('runs in the direction of the page', async () => {
    const chat = await chatInside({ direction: 'rtl' });
    expect(styleIn(chat, '.transcript').direction).to.equal('rtl');
  });

  it('grows with the text size that the reader has chosen, and does not shrink with that of the page', async () => {
    const chat = await chatInside({});
    const size = () => parseFloat(styleIn(chat, '.transcript').fontSize);
    expect(size()).to.equal(15);
    document.documentElement.style.fontSize = '32px';
    expect(size()).to.equal(30);
    document.documentElement.style.fontSize = '62.5%';
    expect(size()).to.equal(15);
  });
});
