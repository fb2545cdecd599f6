import { expect } from '@open-wc/testing';
import { DataHost } from './data-support.ts';
import { message } from './view-host.ts';

const FORM = {
  type: 'form',
  id: 'visit-1',
  title: 'Book a visit',
  submit: 'Book',
  schema: {
    required: ['name', 'email', 'reason'],
    properties: {
      name: { type: 'string', title: 'Name' },
      email: { type: 'string', title: 'E-mail', format: 'email', description: 'For the receipt.' },
      day: { type: 'string', title: 'Day', format: 'date' },
      people: { type: 'integer', title: 'People', minimum: 1, default: 2 },
      reason: { title: 'Reason', enum: ['install', 'repair'], enumNames: ['Installation', 'Repair'] },
      place: { title: 'Place', enum: ['a', 'b', 'c', 'd', 'e'] },
      rooms: { type: 'array', title: 'Rooms', items: { enum: ['Kitchen', 'Cellar'] } },
      notes: { type: 'string', title: 'Notes', maxLength: 500 },
      remind: { type: 'boolean', title: 'Remind me', default: true },
    },
  },
};

describe('a form in a message', () => {
  let host: DataHost;

  beforeEach(async () => {
    host = new DataHost();
    document.body.append(host);
    await host.show(FORM, 'form.data-form');
  });

  afterEach(() => host.remove());

  const labelled = (label: string) => {
    const found = host.all('.data-form label').find((one) => one.innerText.trim().startsWith(label));
    const control = (found as HTMLLabelElement | undefined)?.control;
    if (!control) throw new Error(`Nothing is labelled "${label}".`);
    return control as HTMLInputElement;
  };

  function type(label: string, text: string): void {
    const field = labelled(label);
    field.value = text;
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }

  const focused = () => host.shadowRoot?.activeElement;

  it('asks for everything by name, and is accessible before and after a mistake', async () => {
    await expect(host).to.be.accessible();
    expect(labelled('People').value).to.equal('2');
    expect(labelled('Remind me').checked).to.equal(true);
    host.press('Book');
    expect(host.sent).to.deep.equal([]);
    expect(host.texts('.form-problem').length).to.equal(3);
    expect(focused()).to.equal(labelled('Name'));
    expect(host.$('.form-problems')?.closest('[role=alert]')).to.exist;
    const email = labelled('E-mail');
    expect(email.getAttribute('aria-invalid')).to.equal('true');
    const described = (email.getAttribute('aria-describedby') ?? '')
      .split(' ')
      .map((id) => host.$(`#${id}`)?.textContent);
    expect(described.join(' ')).to.match(/For the receipt\. .*fill this in/);
    await expect(host).to.be.accessible();
    host.press('Reason');
    expect(focused()).to.equal(labelled('Installation'));
    type('Name', 'Jane');
    expect(host.texts('.form-problem').length, 'what is right is right at once').to.equal(2);
  });

  it('keeps what was entered when messages come, and when the chat moves', async () => {
    type('Name', 'Jane');
    labelled('Cellar').click();
    host.shownConversation.receive(message({ text: 'Still there?' }));
    await host.updateComplete;
    const parent = document.createElement('div');
    document.body.append(parent);
    parent.append(host);
    await host.updateComplete;
    await host.finds('form.data-form');
    expect(labelled('Name').value).to.equal('Jane');
    expect(labelled('Cellar').checked).to.equal(true);
    parent.remove();
  });

  it('sends values of their types with a summary, and shows them from then on', async () => {
    type('Name', 'Jane');
    type('E-mail', 'jane@a.example');
    type('Day', '2026-12-24');
    type('People', '3');
    labelled('Repair').click();
    labelled('Kitchen').click();
    const place = labelled('Place') as unknown as HTMLSelectElement;
    place.value = '4';
    place.dispatchEvent(new Event('change', { bubbles: true }));
    labelled('Remind me').click();
    host.press('Book');
    await host.finds('.form-sent');
    expect(host.sent).to.deep.equal([
      {
        type: 'Data',
        text: [
          'Book a visit',
          'Name: Jane',
          'E-mail: jane@a.example',
          'Day: December 24, 2026',
          'People: 3',
          'Reason: Repair',
          'Place: e',
          'Rooms: Kitchen',
          'Remind me: No',
        ].join('\n'),
        data: {
          type: 'form_submit',
          form: 'visit-1',
          values: {
            name: 'Jane',
            email: 'jane@a.example',
            day: '2026-12-24',
            people: 3,
            reason: 'repair',
            place: 'e',
            rooms: ['Kitchen'],
            remind: false,
          },
        },
      },
    ]);
    expect(focused()).to.equal(host.$('.form-sent'));
    expect(host.all('.data-form :is(input, button)').length).to.equal(0);
    expect(host.texts('.data-form dd')).to.include.members(['Jane', 'December 24, 2026', 'Repair']);
    expect(host.texts('.own .bubble').at(-1), 'data are for the agent').not.to.contain('form_submit');
    await expect(host).to.be.accessible();
  });

  it('leaves the field of the composer to the composer', async () => {
    type('Notes', 'Ring twice');
    host.draft = 'Hello';
    await host.updateComplete;
    expect(host.all('textarea').map((area) => (area as HTMLTextAreaElement).value)).to.deep.equal([
      'Ring twice',
      'Hello',
    ]);
  });

  it('shows what was sent on an earlier visit', async () => {
    host.shownConversation.set({
      messages: [
        message({ type: 'Data', text: undefined, data: FORM }),
        message({
          author: 'participant',
          type: 'Data',
          text: 'x',
          data: { form: 'visit-1', values: { name: 'Joe' } },
        }),
      ],
    });
    await host.finds('.form-sent');
    expect(host.texts('.data-form dd')).to.deep.equal(['Joe']);
  });

  it('stays as it is when the page takes the answers', async () => {
    let values: unknown;
    host.addEventListener('xians-action', (event) => {
      event.preventDefault();
      values = event.action.data?.['values'];
    });
    type('Name', 'Jane');
    type('E-mail', 'jane@a.example');
    labelled('Repair').click();
    host.press('Book');
    await host.updateComplete;
    expect(values).to.include({ name: 'Jane', people: 2 });
    expect(host.sent).to.deep.equal([]);
    expect(labelled('Name').value).to.equal('Jane');
  });
});
