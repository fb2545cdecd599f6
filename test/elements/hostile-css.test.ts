import { expect, fixture, fixtureCleanup, html } from '@open-wc/testing';
import '../../src/index.ts';
import type { XiansChat } from '../../src/elements/xians-chat.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { newVisitor, provided, WORKFLOW } from './support.ts';

/**
 * What a page's style sheet may do to all texts, and to the boxes of all that stands in it. Not to what the chat stands
 * in: a box that is turned or cut takes with it what is inside.
 */
const HOSTILE = `
  body, body * {
    color: lime !important; cursor: none !important; font: italic 900 41px/0.5 fantasy !important;
    font-variant: small-caps !important; hyphens: auto !important; letter-spacing: 9px !important;
    list-style: square !important; pointer-events: none !important; quotes: 'x' 'y' !important;
    text-align: right !important; text-indent: 60px !important; text-shadow: 0 0 9px red !important;
    text-transform: uppercase !important; user-select: none !important; white-space: pre !important;
    word-break: break-all !important; word-spacing: 20px !important;
  }
  body :not(div, xians-provider) {
    background: fuchsia !important; border: 9px dashed lime !important; box-sizing: content-box !important;
    display: block !important; filter: blur(3px) !important; float: left !important; height: 21px !important;
    margin: 31px !important; opacity: 0.3 !important; outline: 5px solid !important; overflow: hidden !important;
    padding: 17px !important; position: static !important; text-decoration: line-through !important;
    transform: rotate(9deg) !important; width: 33px !important; writing-mode: vertical-rl !important;
  }
  button, textarea, section, p, h2, svg { all: unset !important; }
`;

/** What a reader would see changed. */
const SEEN = [
  'display position opacity color backgroundColor fontFamily fontSize fontStyle fontWeight lineHeight letterSpacing',
  'wordSpacing textTransform textAlign textIndent textShadow textDecorationLine whiteSpace wordBreak cursor pointerEvents',
  'userSelect writingMode fontVariant listStyleType transform boxSizing borderTopWidth marginTop paddingTop width height',
]
  .join(' ')
  .split(' ') as (keyof CSSStyleDeclaration)[];

const PARTS = [
  'launcher',
  'window',
  'heading',
  'status',
  'close',
  'transcript',
  'message-own',
  'bubble-own',
  'input',
  'send',
];

describe('a chat on a page with hostile styles', () => {
  let server: TestServer;
  let sheet: HTMLStyleElement | undefined;

  beforeEach(async () => {
    server = await startServer({ agentDelayMs: 20 });
  });

  afterEach(async () => {
    sheet?.remove();
    sheet = undefined;
    await server.stop();
  });

  /** How the parts of an open bubble look, by name. */
  async function looks(): Promise<Record<string, unknown>> {
    const provider = await fixture(
      provided(
        server,
        html`<xians-chat workflow=${WORKFLOW} display="bubble" open></xians-chat>`,
        newVisitor(),
      ),
    );
    const chat = provider.querySelector<XiansChat>('xians-chat')!;
    await waitFor(() => chat.client?.state === 'live', 'the chat is live');
    await chat.send('Hello');
    const find = (part: string) => chat.renderRoot.querySelector(`[part~="${part}"]`);
    await waitFor(
      () => PARTS.every(find) && chat.conversation?.messages.at(-1)?.author === 'agent',
      'a reply',
    );
    const seen = Object.fromEntries(
      PARTS.map((part) => {
        const element = find(part)!;
        for (const animation of element.getAnimations()) animation.finish();
        const style = getComputedStyle(element);
        return [part, Object.fromEntries(SEEN.map((name) => [name, style[name]]))];
      }),
    );
    fixtureCleanup();
    return seen;
  }

  it('looks as it does elsewhere', async () => {
    const before = await looks();
    sheet = document.createElement('style');
    sheet.textContent = HOSTILE;
    document.head.append(sheet);
    expect(await looks()).to.deep.equal(before);
  });
});
