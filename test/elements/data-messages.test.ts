import { expect } from '@open-wc/testing';
import { html } from 'lit';
import { originsOf, allowedImage } from '../../src/elements/image-origins.ts';
import { registerRenderer } from '../../src/elements/renderers.ts';
import type { Undo } from '../../src/protocol/emitter.ts';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import { waitFor } from '../support/wait.ts';
import { DataHost } from './data-support.ts';
import { message } from './view-host.ts';

describe('a Data message', () => {
  let host: DataHost;
  let undos: Undo[];

  beforeEach(() => {
    host = new DataHost();
    document.body.append(host);
    undos = [];
  });

  afterEach(() => {
    host.remove();
    for (const undo of undos) undo();
  });

  const register: typeof registerRenderer = (type, renderer) => {
    const undo = registerRenderer(type, renderer);
    undos.push(undo);
    return undo;
  };
  async function errorsWhile(action: () => Promise<unknown>): Promise<RealtimeError[]> {
    const errors: RealtimeError[] = [];
    const listener = ({ error }: { error: RealtimeError }) => void errors.push(error);
    host.addEventListener('xians-error', listener);
    await action();
    host.removeEventListener('xians-error', listener);
    return errors;
  }

  describe('drawn by the page', () => {
    it('takes a template, a node or a text, by its type in any case', async () => {
      register('Order-Card', ({ number }) => html`<b class="own">${number}</b>`);
      await host.show({ type: 'order_card', number: 'A1' }, '.own');
      expect(host.texts('.own')).to.deep.equal(['A1']);
      register('node', () => Object.assign(document.createElement('i'), { textContent: 'a node' }));
      await host.show({ kind: 'node' }, '.data-view i');
      register('text', () => '<b>a text</b>');
      await host.show({ $type: 'text' }, '.data-view .plain');
      expect(host.texts('.data-view .plain')).to.deep.equal(['<b>a text</b>']);
    });

    it('is told the message and the language, and can send and prefill', async () => {
      register('tool', (_data, { answered, host: chat, locale, message: { type }, prefill, send }) => {
        expect(chat).to.equal(host);
        return html`<p class="told">${type} ${locale} ${answered}</p>
          <button @click=${() => void send('Hello')}>Send</button>
          <button @click=${() => prefill('Dear')}>Prefill</button>`;
      });
      await host.show({ type: 'tool' }, '.told');
      expect(host.texts('.told')).to.deep.equal(['Data en false']);
      host.press('Prefill');
      expect(host.draft).to.equal('Dear');
      host.press('Send');
      expect(host.sent).to.deep.equal(['Hello']);
      await waitFor(() => host.texts('.told')[0] === 'Data en true', 'it is drawn anew, answered');
    });

    it('is drawn anew when its renderer comes late, goes, or gives nothing', async () => {
      await host.show({ type: 'late', price: 3 }, '.data-view dl');
      const undo = register('late', () => html`<b class="own">late</b>`);
      expect(host.texts('.own')).to.deep.equal(['late']);
      undo();
      expect(host.$('.own')).not.to.exist;
      expect(host.texts('.data-view dd')).to.deep.equal(['3']);
      register('card', () => undefined);
      await host.show({ type: 'card', title: 'Ours' }, '.data-card');
    });

    it('waits for a promise', async () => {
      let give: (value: unknown) => void = () => {};
      register('slow', () => new Promise((resolve) => (give = resolve)));
      await host.show({ type: 'slow' }, '.data-view .quiet');
      give(html`<b class="own">here</b>`);
      await host.finds('.own');
    });

    for (const [how, renderer] of [
      [
        'throws',
        () => {
          throw new Error('secret 4711');
        },
      ],
      ['rejects', () => Promise.reject(new Error('secret 4711'))],
      [
        'throws while it is drawn',
        () =>
          html`${{
            [Symbol.iterator]: () => {
              throw new Error('secret 4711');
            },
          }}`,
      ],
    ] as const) {
      it(`shows its fields when the renderer ${how}, tells once, and leaves the rest alone`, async () => {
        register('broken', renderer);
        const errors = await errorsWhile(async () => {
          await host.show({ type: 'broken', total: 'nine' }, '.data-view dl');
          host.shownConversation.receive(message({ text: 'after it' }));
          host.requestUpdate();
          await waitFor(() => host.shadowRoot?.textContent?.includes('after it'), 'what came after');
        });
        expect(errors.map(({ code }) => code)).to.deep.equal(['input']);
        expect(errors[0]?.message).not.to.match(/nine|4711/);
        expect((errors[0]?.cause as Error).message).to.equal('secret 4711');
        expect(host.texts('.data-view dd')).to.deep.equal(['nine']);
        expect(host.$('.data-view')?.textContent).to.contain('could not be shown the usual way');
        await expect(host).to.be.accessible();
        register('broken', () => html`<b class="own">mended</b>`);
        expect(host.texts('.own')).to.deep.equal(['mended']);
      });
    }

    it('fills a template of the chat with text, lists and links, and nothing that runs', async () => {
      host.innerHTML = `<template data-type="order">
        <h3 data-text="customer.name"></h3>
        <p class="note" data-if="note" data-text="note"></p>
        <a class="good" data-attr-href="good" data-attr-onclick="bad" data-attr-style="bad">Track</a>
        <a class="bad" data-attr-href="bad">Bad</a>
        <img data-attr-src="picture" alt="" />
        <ul><li data-each="items" data-attr-title="name"><b data-text="name"></b></li></ul>
        <i data-text="__proto__.constructor.name"></i><i data-text="items.length"></i>
      </template>`;
      await host.show(
        {
          type: 'order',
          customer: { name: '<img src=x onerror=alert(1)>' },
          good: 'https://track.example/1',
          bad: 'javascript:alert(1)',
          picture: 'https://evil.example/pixel.png',
          items: [{ name: 'one' }, { name: 'two' }],
        },
        '.data-view h3',
      );
      expect(host.texts('.data-view h3')).to.deep.equal(['<img src=x onerror=alert(1)>']);
      expect(host.texts('.data-view li')).to.deep.equal(['one', 'two']);
      expect(host.$('.data-view li')?.title).to.equal('one');
      expect(host.$('.data-view .note')).not.to.exist;
      expect(host.texts('.data-view i'), 'own members only').to.deep.equal(['', '2']);
      const good = host.$('.data-view .good');
      expect(good?.getAttributeNames().sort()).to.deep.equal(['class', 'href', 'rel', 'target']);
      expect(good?.getAttribute('href')).to.equal('https://track.example/1');
      expect(host.$('.data-view .bad')?.hasAttribute('href')).to.equal(false);
      expect(host.$('.data-view img')).not.to.exist;
    });

    it('prefers the template of the chat, also one that comes later', async () => {
      register('order', () => html`<b class="own">renderer</b>`);
      await host.show({ type: 'order' }, '.own');
      const template = document.createElement('template');
      template.dataset['type'] = 'order';
      template.content.append(document.createElement('mark'));
      host.append(template);
      await host.finds('.data-view mark');
      template.remove();
      await host.finds('.own');
    });
  });

  describe('with buttons', () => {
    const question = {
      type: 'buttons',
      text: 'Where?',
      buttons: ['Home', { label: 'Shop', text: 'To a shop' }],
    };

    it('sends what was pressed, keeps the focus, and marks the answer', async () => {
      await host.show(question, '.choice');
      await expect(host).to.be.accessible();
      host.press('Shop');
      expect(host.sent).to.deep.equal(['To a shop']);
      const chosen = await host.finds('.choice.chosen');
      expect(chosen.innerText).to.contain('Shop');
      expect(host.shadowRoot?.activeElement).to.equal(chosen);
      host.press('Home');
      expect(host.sent.length, 'nothing can be pressed twice').to.equal(1);
      await expect(host).to.be.accessible();
    });

    it('sends values beside the words, and data as a Data message', async () => {
      await host.show(
        {
          type: 'quick-replies',
          replies: [
            { title: 'Yes', payload: 'yes_1' },
            { label: 'No', data: { value: 2 } },
          ],
        },
        '.choice',
      );
      host.press('Yes');
      expect(host.sent).to.deep.equal([{ text: 'Yes', data: { type: 'action', value: 'yes_1' } }]);
      await host.show({ type: 'buttons', buttons: [{ label: 'No', data: { value: 2 } }] }, '.data-view');
      await waitFor(() => host.all('.choice').length === 3, 'the second question');
      host.all('.choice')[2]?.click();
      expect(host.sent[1]).to.deep.equal({ type: 'Data', text: 'No', data: { type: 'action', value: 2 } });
    });

    it('lets the page step in', async () => {
      await host.show(
        { type: 'card', title: 'Sensor', actions: ['Buy', { label: 'More', url: 'https://a.example/' }] },
        '.choice',
      );
      const seen: unknown[] = [];
      const stop = (event: HTMLElementEventMap['xians-action']) => {
        event.preventDefault();
        seen.push(event.action);
      };
      host.addEventListener('xians-action', stop);
      host.press('Buy');
      host.press('More');
      await host.updateComplete;
      expect(seen).to.deep.equal([
        { label: 'Buy', text: 'Buy' },
        { label: 'More', url: 'https://a.example/' },
      ]);
      expect(host.sent).to.deep.equal([]);
    });

    it('leaves out what may not be opened, and shows many only when asked', async () => {
      await host.show(
        { type: 'buttons', buttons: [{ label: 'x', url: 'javascript:alert(1)' }, 'ok'] },
        '.choice',
      );
      expect(host.texts('.choice')).to.deep.equal(['ok']);
      await host.show({
        type: 'buttons',
        buttons: Array.from({ length: 10_000 }, (_, index) => `b${index}`),
      });
      await waitFor(() => host.all('.choice').length === 22, 'the first twenty, and the rest on demand');
      host.press('180 more');
      await waitFor(() => host.all('.choice').length === 201, 'all that are kept');
    });

    it('says why nothing could be sent, and lets one try again', async () => {
      const { RealtimeError } = await import('../../src/protocol/errors.ts');
      host.refusal = new RealtimeError('queue-full', 'Too many messages wait.');
      await host.show(question, '.choice');
      host.press('Home');
      const told = await host.finds('.data-error');
      expect(told.closest('[role=alert]')).to.exist;
      host.refusal = undefined;
      host.press('Home');
      await host.finds('.choice.chosen');
      expect(host.$('.data-error')).not.to.exist;
    });

    it('offers suggestions under the newest reply only', async () => {
      await host.show({ suggestions: ['One more', 'Enough'] }, '.data-choices', {
        type: 'Chat',
        text: 'Well?',
      });
      expect(host.$('.bubble .data-choices'), 'they stand below the bubble').not.to.exist;
      await expect(host).to.be.accessible();
      host.press('Enough');
      expect(host.sent).to.deep.equal(['Enough']);
      await waitFor(() => !host.$('.data-choices'), 'they are gone');
    });
  });

  it('shows cards, lists and tables that everybody can read', async () => {
    await host.show(
      {
        type: 'card',
        title: 'Sensor',
        subtitle: 'Small',
        image: 'https://a.example/i.png',
        fields: [{ title: 'Price', value: 3 }],
      },
      '.data-card',
    );
    await host.show(
      {
        type: 'list',
        title: 'Help',
        items: [
          'plain',
          { title: 'Link', url: 'https://a.example', detail: '3 min' },
          { title: 'Ask', text: 'Ask it' },
        ],
      },
      '.rows',
    );
    expect(host.$('.data-card img'), 'no origin is allowed').not.to.exist;
    expect(host.$('.data-card a')?.getAttribute('href')).to.equal('https://a.example/i.png');
    host.press('Ask');
    expect(host.sent).to.deep.equal(['Ask it']);
    await expect(host).to.be.accessible();
  });

  it('sorts a table by its headings, numbers as numbers and gaps last', async () => {
    await host.show(
      {
        type: 'table',
        title: 'Bills',
        columns: ['Bill', { key: 1, label: 'Sum' }],
        rows: [
          ['b', 10],
          ['a', 9],
          ['c', null],
        ],
      },
      'table',
    );
    await expect(host).to.be.accessible();
    const firsts = () => host.texts('tbody td:first-child').join('');
    expect(firsts()).to.equal('bac');
    host.press('Sum');
    expect(firsts()).to.equal('abc');
    expect(host.$('th[aria-sort]')?.getAttribute('aria-sort')).to.equal('ascending');
    host.press('Sum');
    expect(firsts()).to.equal('bac');
    host.press('Sum');
    expect(host.$('th[aria-sort]')).not.to.exist;
  });

  it('shows a hundred of five thousand rows, and all when asked', async () => {
    await host.show(
      { type: 'table', rows: Array.from({ length: 5_000 }, (_, n) => ({ n, name: `row ${n}` })) },
      'table',
    );
    expect(host.all('tbody tr').length).to.equal(100);
    host.press('Show all 5,000 rows');
    await waitFor(() => host.all('tbody tr').length === 5_000, 'all rows');
  });

  it('is laid out as the window, its texts as they are written', async () => {
    host.dir = 'rtl';
    await host.show({ type: 'card', title: 'Sensor', fields: { stock: -3, sold: false } }, '.data-card');
    const [card, title] = [host.$('.data-card')!, host.$('.card-title')!].map((one) => getComputedStyle(one));
    expect([card!.direction, title!.direction, title!.textAlign]).to.deep.equal(['rtl', 'ltr', 'right']);
    const [stock, sold] = host.all('dd').map((one) => getComputedStyle(one));
    expect([stock!.direction, stock!.textAlign, sold!.direction]).to.deep.equal(['ltr', 'right', 'rtl']);
    await host.show({ type: 'table', columns: ['Name', 'Price'], rows: [['Sensor', -3]] }, 'table');
    const ends = ['th.number', 'td.number'].map((cell) => getComputedStyle(host.$(cell)!).textAlign);
    expect(ends).to.deep.equal(['left', 'left']);
    expect(getComputedStyle(host.$('td + td')!).paddingRight).to.equal('16px');
  });

  it('keeps answers where the window begins, whatever their language', async () => {
    host.dir = 'rtl';
    await host.show({ type: 'buttons', text: 'Where to?', buttons: ['Home'] }, '.choice');
    const [button, row] = [host.$('.choice')!, host.$('.data-choices')!].map((one) =>
      one.getBoundingClientRect(),
    );
    expect(button!.right).to.be.closeTo(row!.right, 1);
  });

  it('shows the fields of what has a known type and another shape, and the data of unknown messages', async () => {
    await host.show({ type: 'card', number: '4821' }, 'dl');
    await host.show({ type: 'chart', labels: ['a'], values: ['none'] }, '.data-view');
    await waitFor(() => host.texts('dt').includes('Labels'), 'the fields of what is no chart');
    host.shownConversation.receive(message({ type: 'Telemetry', text: undefined, data: { speed: 42 } }));
    await waitFor(() => host.texts('dd').includes('42'), 'the data of an unknown type');
  });

  describe('that asks for a decision', () => {
    const asked = {
      type: 'approval',
      id: 'refund-1',
      title: 'Refund?',
      approve: 'Refund',
      details: { sum: '€ 89' },
    };

    it('asks twice, sends the decision, and shows it', async () => {
      await host.show(asked, '.approval');
      await expect(host).to.be.accessible();
      host.press('Refund');
      expect(host.sent).to.deep.equal([]);
      await host.finds('.sure');
      expect(host.shadowRoot?.activeElement?.className).to.contain('sure');
      host.press('Yes: Refund');
      expect(host.sent).to.deep.equal([
        { type: 'Data', text: 'Refund?: Refund', data: { type: 'approval', id: 'refund-1', approved: true } },
      ]);
      const decided = await host.finds('.decided');
      expect(decided.innerText).to.contain('Approved');
      expect(host.shadowRoot?.activeElement).to.equal(decided);
      await expect(host).to.be.accessible();
    });

    it('finds the decision of an earlier visit', async () => {
      host.shownConversation.set({
        messages: [
          message({ type: 'Data', text: undefined, data: asked }),
          message({
            author: 'participant',
            type: 'Data',
            text: 'No',
            data: { type: 'approval', id: 'refund-1', approved: false },
          }),
        ],
      });
      expect((await host.finds('.decided')).innerText).to.contain('Declined');
      expect(host.all('.approval button').length).to.equal(0);
    });
  });

  it('survives data made to break it', async () => {
    let deep: unknown = 'bottom';
    for (let level = 0; level < 10_000; level++) deep = { deep };
    const hostile: unknown[] = [
      deep,
      {
        type: 'card',
        title: 'x'.repeat(1_000_000),
        fields: JSON.parse('{"__proto__":{"polluted":1},"constructor":2}') as unknown,
      },
      { type: '__proto__' },
      { type: 'constructor', a: 1 },
      { type: 'list', items: [null, [], {}, { title: {} }] },
      { type: 'table', columns: [null, {}], rows: [null, 3, [deep], { a: deep }] },
      { type: 'buttons', buttons: [null, {}, [], { label: {} }] },
      { type: 'chart', chart: 'pie', values: [-1, -2] },
      { type: 'form', schema: { properties: { __proto__: null, a: 3 } } },
      { type: 'form', schema: { properties: JSON.parse('{"__proto__":{"type":"string"}}') as unknown } },
      { type: 'approval', title: {}, details: deep },
      { type: 7 },
      'x'.repeat(1_000_000),
      [1, [2, [3]]],
    ];
    const errors = await errorsWhile(async () => {
      for (const data of hostile)
        host.shownConversation.receive(message({ type: 'Data', text: undefined, data }));
      host.shownConversation.receive(message({ text: 'after all of it' }));
      await waitFor(() => host.shadowRoot?.textContent?.includes('after all of it'), 'the rest');
      await waitFor(() => !host.texts('.data-view .quiet').includes('Loading…'), 'everything is drawn');
    });
    expect(errors.map(({ cause }) => cause)).to.deep.equal([]);
    expect(Reflect.get({}, 'polluted')).to.equal(undefined);
  });
});

describe('allowedImage', () => {
  it('takes images of the listed origins only, encrypted unless they are near', () => {
    const origins = originsOf('https://a.example, http://b.example,nonsense, http://localhost:8080/path');
    expect(origins).to.deep.equal(['https://a.example', 'http://b.example', 'http://localhost:8080']);
    expect(allowedImage('https://a.example/i.png', origins)?.href).to.equal('https://a.example/i.png');
    expect(allowedImage('http://localhost:8080/i.png', origins)).to.exist;
    for (const address of [
      'https://a.example.evil.example/i.png',
      'https://x@a.example/i.png',
      'https://sub.a.example/i.png',
      'http://b.example/i.png',
      '//a.example/i.png',
      'data:image/png;base64,AA==',
      '/i.png',
    ]) {
      expect(allowedImage(address, origins), address).to.equal(undefined);
    }
  });
});
