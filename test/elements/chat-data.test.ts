import { expect } from '@open-wc/testing';
import { nothing, render } from 'lit';
import { renderFields } from '../../src/elements/chat-data.ts';
import { ENGLISH } from '../../src/elements/language.ts';

let stage: HTMLElement;

function draw(data: unknown): HTMLElement {
  stage?.remove();
  stage = document.body.appendChild(document.createElement('div'));
  render(renderFields(data, ENGLISH) ?? nothing, stage);
  return stage;
}

const texts = (root: Element, selector: string) =>
  [...root.querySelectorAll(selector)].map(({ textContent }) => textContent.trim().replace(/\s+/g, ' '));

describe('renderFields', () => {
  afterEach(() => stage?.remove());

  it('shows fields with names for people, open, without marks for programs', async () => {
    const root = draw({
      kind: 'order-card',
      orderNumber: 20417,
      gift_wrapped: false,
      trackingURL: 'https://a.example',
      note: null,
      $schema: 'x',
    });
    expect(texts(root, 'dt')).to.deep.equal(['Order number', 'Gift wrapped', 'Tracking URL', 'Note']);
    expect(texts(root, 'dd')).to.deep.equal(['20417', 'No', 'https://a.example', '–']);
    expect(root.querySelector('details')).not.to.exist;
    await expect(root).to.be.accessible();
  });

  it('keeps a kind that is written for people', () => {
    expect(texts(draw({ type: 'Express delivery' }), 'dd')).to.deep.equal(['Express delivery']);
  });

  it('shows a list of alike things as a table', async () => {
    const root = draw({
      items: [
        { name: 'Sensor', quantity: 1 },
        { name: 'Kit', quantity: 2, price: '€ 12.50' },
      ],
    });
    expect(texts(root, 'th')).to.deep.equal(['Name', 'Quantity', 'Price']);
    expect(texts(root, 'td')).to.deep.equal(['Sensor', '1', '–', 'Kit', '2', '€ 12.50']);
    expect(root.textContent).not.to.contain('{');
    await expect(root).to.be.accessible();
  });

  it('shows short lists in a line, long ones as items', () => {
    expect(draw([1, 2, 3]).textContent.trim()).to.equal('1, 2, 3');
    expect(texts(draw(['word '.repeat(20), 'b']), 'li').length).to.equal(2);
  });

  it('folds what is nested, and names what is inside', () => {
    const root = draw({ deep: { a: { b: 1 }, c: 2 } });
    expect(texts(root, ':scope > dl > dd > details > summary')).to.deep.equal(['2 details']);
    expect(root.querySelector('details')?.open).to.equal(false);
    expect(texts(root, 'dd dd dd')).to.deep.equal(['1']);
  });

  it('folds what is beyond a dozen, and says what it does not show', () => {
    const root = draw(Object.fromEntries(Array.from({ length: 130 }, (_, index) => [`n${index}`, index])));
    expect(root.querySelectorAll(':scope > .fields > dd').length).to.equal(12);
    expect(texts(root, 'summary')).to.deep.equal(['118 more']);
    expect(texts(root, '.quiet')).to.deep.equal(['30 more are not shown here.']);
  });

  it('takes a plain value as it is, and no more room', () => {
    const root = draw('just a text');
    expect(root.textContent.trim()).to.equal('just a text');
    const line = root.querySelector('.plain');
    expect(getComputedStyle(line!).marginBlockStart).to.equal('0px');
    expect(draw('"it\\n\\"is\\""').textContent.trim()).to.equal('it\n"is"');
    expect(draw('"a" or "b"').textContent.trim()).to.equal('"a" or "b"');
  });

  it('shows nothing for nothing', () => {
    for (const data of [null, undefined, '', {}, []]) expect(renderFields(data, ENGLISH)).to.equal(undefined);
  });

  it('bounds what is very deep, very long or very wide', () => {
    let deep: unknown = 'bottom';
    for (let level = 0; level < 200; level++) deep = { deep };
    expect(draw(deep).querySelectorAll('*').length).to.be.lessThan(100);
    expect(draw('x'.repeat(1_000_000)).textContent.length).to.be.lessThan(20_000);
    const many = Array.from({ length: 50_000 }, () => ({ a: 1, b: { c: 2 } }));
    expect(draw(many).querySelectorAll('*').length).to.be.lessThan(2_500);
  });

  it('draws HTML as the text it is', () => {
    const root = draw({ '<b>name': '<img src=x>', list: [{ a: '<i>' }] });
    expect(root.querySelector('b, img, i')).not.to.exist;
    expect(root.textContent).to.contain('<img src=x>');
  });
});
