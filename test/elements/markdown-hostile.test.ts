import { expect, waitUntil } from '@open-wc/testing';
import { render } from 'lit';
import { citationsOf, renderCitations, renderMark } from '../../src/elements/chat-citations.ts';
import { ENGLISH } from '../../src/elements/language.ts';
import { maths } from '../../src/elements/markdown-extras.ts';
import type { MarkdownPorts } from '../../src/elements/markdown.ts';
import { hostileTexts } from './markdown-hostile.ts';
import { drawIn, offences } from './markdown-offences.ts';

const CLASSES =
  'scripts handlers addresses embeds styles beacons disguises autolinks entities nested templates mutation formulas'.split(
    ' ',
  );

/** Strict, and of the pages that a chat is allowed on the strictest: nothing here may need more. */
const POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self' ws:; style-src 'none'; img-src 'none'; form-action 'none'; " +
  "require-trusted-types-for 'script'; trusted-types lit-html";

/** Drawn after what is tested: when code is coloured and a formula stands here, so they do before. */
const SENTINEL = '```js\nlet done = 1;\n```\n\n$$\\sqrt{2}$$';

/** What would make markup of a string, or run it, was used for. */
const sinks: string[] = [];
const violations: string[] = [];

describe('hostile Markdown', () => {
  let stage: HTMLElement;
  const undo: (() => void)[] = [];

  before(async () => {
    stage = document.body.appendChild(document.createElement('div'));
    // The chunks are there before the policy is: it is for what is drawn.
    await settled();
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
      violations.push(`${violatedDirective} ${blockedURI} ${sample}`);
    });
    const meta = document.createElement('meta');
    meta.httpEquiv = 'Content-Security-Policy';
    meta.content = POLICY;
    document.head.append(meta);
    undo.push(...watchSinks());
  });

  after(() => {
    for (const each of undo) each();
    stage.remove();
  });

  it('runs nothing, asks for nothing, uses no sink and makes only what is on the list', async function () {
    this.timeout(120_000);
    const counts: Record<string, number> = {};
    for (const name of CLASSES) {
      const texts = await load<string>(name);
      counts[name] = texts.length;
      await check(texts, (text, box) => drawIn(box, text, PORTS));
    }
    counts['combinations'] = hostileTexts.length;
    await check(hostileTexts, (text, box) => drawIn(box, text, PORTS));

    const sources = await load<unknown>('citations');
    counts['citations'] = sources.length;
    await check(sources, (source, box) => {
      render(renderCitations(citationsOf({ data: { sources: [source] } }), ENGLISH), box);
    });

    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const foreign = performance.getEntriesByType('resource').filter(({ name }) => /evil|pictures/.test(name));
    console.log(
      `hostile Markdown: ${total} payloads (${Object.entries(counts)
        .map(([name, count]) => `${name} ${count}`)
        .join(', ')}); scripts run ${'hacked' in window ? 1 : 0}, foreign requests ${foreign.length}, ` +
        `sinks used ${sinks.length}, policy violations ${violations.length}`,
    );
    expect(total - hostileTexts.length, 'payloads in files').to.be.at.least(300);
    expect('hacked' in window, 'scripts run').to.equal(false);
    expect(foreign, 'foreign requests').to.deep.equal([]);
    expect(sinks, 'sinks used').to.deep.equal([]);
    expect(violations, 'policy violations').to.deep.equal([]);
  });

  it('would notice: the policy holds, and the sinks are watched', async () => {
    const box = document.createElement('div');
    expect(() => (box.innerHTML = '<b>x</b>')).to.throw(TypeError);
    expect(sinks.splice(0)).to.deep.equal(['innerHTML']);
    box.setAttribute('name', 'body');
    expect(sinks.splice(0)).to.deep.equal(['name']);
    box.removeAttribute('name');
    const image = document.createElement('img');
    image.src = 'https://evil.example/x.gif';
    await waitUntil(() => violations.some((violation) => violation.startsWith('img-src')));
    violations.length = 0;
    box.append(image, document.createElement('script'));
    expect(offences(box)).to.deep.equal(['<img>', 'img[src]', '<script>']);
  });

  /** Draws each of `items`, and compares what came of all of them when it has settled. */
  async function check<Item>(
    items: readonly Item[],
    draw: (item: Item, box: HTMLElement) => unknown,
  ): Promise<void> {
    const boxes = items.map((item) => {
      const box = stage.appendChild(document.createElement('div'));
      draw(item, box);
      return box;
    });
    await settled();
    boxes.forEach((box, index) => {
      expect(offences(box), JSON.stringify(items[index])).to.deep.equal([]);
      // Where a press leads is a listener of ours, or a link.
      for (const button of box.querySelectorAll('button')) button.click();
    });
    stage.replaceChildren();
  }

  async function settled(): Promise<void> {
    const box = stage.appendChild(document.createElement('div'));
    drawIn(box, SENTINEL, PORTS);
    await waitUntil(
      () => box.querySelector('math') && box.querySelector('[class^=t-]'),
      'code and formula are drawn',
    );
  }
});

const cited = citationsOf({ data: { citations: [{ title: 'One', url: 'https://a.example' }] } });

const PORTS: Partial<MarkdownPorts> = {
  copy: () => Promise.resolve(true),
  imageOrigins: ['https://pictures.example'],
  maths,
  cite: (mark) => renderMark(mark, cited, ENGLISH),
};

async function load<Item>(name: string): Promise<readonly Item[]> {
  const answer = await fetch(new URL(`./hostile-markdown/${name}.json`, import.meta.url));
  return (await answer.json()) as Item[];
}

/** Notes in `sinks` what makes markup of a string, and attributes that run, style or load something. */
function watchSinks(): (() => void)[] {
  const note = (name: string) => void sinks.push(name);
  const setter = (prototype: object, name: string) => {
    const own = Object.getOwnPropertyDescriptor(prototype, name);
    if (!own?.set) throw new Error(`There is no setter of ${name}.`);
    Object.defineProperty(prototype, name, {
      ...own,
      set(this: unknown, value: unknown) {
        // What is no string has passed the one policy: the fixed strings of templates.
        if (typeof value === 'string') note(name);
        own.set?.call(this, value);
      },
    });
    return () => void Object.defineProperty(prototype, name, own);
  };
  const method = (
    prototype: object,
    name: string,
    is: (...args: unknown[]) => string | undefined = () => name,
  ) => {
    const own = Object.getOwnPropertyDescriptor(prototype, name);
    const call = own?.value as ((...args: unknown[]) => unknown) | undefined;
    if (!own || !call) throw new Error(`There is no ${name}.`);
    const watched = function (this: unknown, ...args: unknown[]): unknown {
      const found = is(...args);
      if (found) note(found);
      return call.apply(this, args);
    };
    Object.defineProperty(prototype, name, { ...own, value: watched });
    return () => void Object.defineProperty(prototype, name, own);
  };
  const dangerous = (name: unknown, value: unknown) =>
    /^(on\w+|style|srcdoc|src|srcset|action|formaction|background|id|name)$/i.test(String(name)) ||
    /^\s*(javascript|data|vbscript):/i.test(String(value))
      ? String(name)
      : undefined;
  return [
    setter(Element.prototype, 'innerHTML'),
    setter(Element.prototype, 'outerHTML'),
    setter(ShadowRoot.prototype, 'innerHTML'),
    setter(HTMLIFrameElement.prototype, 'srcdoc'),
    setter(HTMLScriptElement.prototype, 'text'),
    setter(HTMLElement.prototype, 'innerText'),
    method(Element.prototype, 'insertAdjacentHTML'),
    method(Element.prototype, 'setHTMLUnsafe'),
    method(Document.prototype, 'write'),
    method(Document.prototype, 'writeln'),
    method(DOMParser.prototype, 'parseFromString'),
    method(Range.prototype, 'createContextualFragment'),
    method(CSSStyleSheet.prototype, 'insertRule'),
    method(Element.prototype, 'setAttribute', dangerous),
    method(Element.prototype, 'setAttributeNS', (_namespace, name, value) => dangerous(name, value)),
    method(Document.prototype, 'createElement', (name) =>
      /^(script|iframe|object|embed|link|meta|base|style|form|img)$/i.test(String(name))
        ? `<${String(name)}>`
        : undefined,
    ),
  ];
}
