import { expect, fixture } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import { html, LitElement } from 'lit';
import type { ActionReceipt } from '../../src/client/incident-types.ts';
import { ActionForm, type ActionFormPorts, styles } from '../../src/elements/feed-action-form.ts';
import { ENGLISH } from '../../src/elements/language.ts';
import { theme } from '../../src/elements/theme.ts';
import { viewTheme } from '../../src/elements/view-theme.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import type { Incident, IncidentAction, IncidentActionKind } from '../../src/protocol/incident.ts';
import { waitFor } from '../support/wait.ts';

const INCIDENT: Incident = {
  id: 'a',
  title: 'Queue is full',
  description: '',
  severity: 'P2',
  state: 'DETECTED',
  phase: 'open',
  type: 'UNKNOWN',
  source: 'test',
  affectedResources: [],
  assignees: ['Ada'],
  createdAt: 0,
  updatedAt: 0,
};

/** What an open row does with a form. */
class FormHost extends LitElement {
  static override styles = [theme, viewTheme, styles];
  language = ENGLISH;
  form: ActionForm | undefined;
  incident = INCIDENT;

  override render() {
    return html`<div class="form">${this.form?.render(this.incident)}</div>`;
  }
}
customElements.define('form-host', FormHost);

/** An open form. `submit`: what becomes of the action; default: it is done. */
async function opened(kind: IncidentActionKind, part: Partial<ActionFormPorts> = {}, incident = INCIDENT) {
  const host = await fixture<FormHost>(html`<form-host></form-host>`);
  const sent: IncidentAction[] = [];
  const told = { cancelled: 0 };
  host.form = new ActionForm(host, kind, incident, {
    submit: (action) => {
      sent.push(action);
      return Promise.resolve<ActionReceipt>({ id: '1', outcome: 'applied' });
    },
    cancel: () => told.cancelled++,
    capabilities: {
      via: 'graphql',
      actions: new Set([kind]),
      timeline: true,
      severities: ['P0', 'P1', 'P2', 'P3', 'P4'],
    },
    assignees: ['Ada', 'Bob'],
    ...part,
  });
  host.incident = incident;
  host.requestUpdate();
  await host.updateComplete;
  host.form.focus();
  const root = host.renderRoot as ShadowRoot;
  const all = (selector: string) => [...host.renderRoot.querySelectorAll<HTMLElement>(selector)];
  const wrong = () =>
    all('.wrong')
      .map(({ textContent }) => textContent.trim())
      .join('');
  const focused = () => host.shadowRoot?.activeElement?.id;
  const press = async (key: string, modifier?: string) => {
    if (modifier) await sendKeys({ down: modifier });
    await sendKeys({ press: key });
    if (modifier) await sendKeys({ up: modifier });
    await host.updateComplete;
  };
  const type = async (text: string) => {
    await sendKeys({ type: text });
    await host.updateComplete;
  };
  const submit = async () => {
    root.querySelector<HTMLButtonElement>('[type="submit"]')?.click();
    await host.updateComplete;
    await host.updateComplete;
  };
  return { host, sent, told, root, all, wrong, focused, press, type, submit };
}

describe('the form of an action', () => {
  for (const kind of ['assign', 'escalate', 'resolve', 'comment'] as const) {
    it(`to ${kind} is accessible, as it opens and when it is not right`, async () => {
      const { host, submit } = await opened(kind, {
        submit: () => Promise.reject(new RealtimeError('forbidden', 'You may not do that.')),
      });
      await expect(host).to.be.accessible();
      await submit();
      await expect(host).to.be.accessible();
    });

    it(`to ${kind} fits a phone`, async () => {
      const { host, root } = await opened(kind);
      host.style.cssText = 'display: block; inline-size: 280px';
      const form = root.querySelector<HTMLElement>('form')!;
      expect(form.scrollWidth).to.be.at.most(form.clientWidth);
    });
  }

  it('takes a comment from the keyboard alone', async () => {
    const { sent, focused, type, press } = await opened('comment');
    expect(focused()).to.equal('act-text');
    await type('On it');
    await press('Enter');
    await type('now');
    expect(sent).to.deep.equal([]);
    await press('Enter', 'Control');
    expect(sent).to.deep.equal([{ kind: 'comment', id: 'a', text: 'On it\nnow' }]);
  });

  it('says what is missing at the field, goes there, and takes it back when it is written', async () => {
    const { sent, wrong, focused, submit, type, root } = await opened('comment');
    root.querySelector<HTMLButtonElement>('[part="cancel"]')?.focus();
    await submit();
    expect(wrong()).to.equal('Write something first.');
    expect(focused()).to.equal('act-text');
    expect(root.querySelector('textarea')?.getAttribute('aria-invalid')).to.equal('true');
    await type('x');
    expect(wrong()).to.equal('');
    expect(sent).to.deep.equal([]);
  });

  it('suggests one step up in severity, and asks why', async () => {
    const { sent, root, wrong, focused, submit, type } = await opened('escalate');
    const select = root.querySelector<HTMLSelectElement>('select')!;
    expect(select.value).to.equal('P1');
    expect([...select.options].map(({ text }) => text)).to.deep.equal(['P0', 'P1', 'P2 (now)', 'P3', 'P4']);
    await submit();
    expect(wrong()).to.equal('Say why, for those who come after you.');
    expect(focused()).to.equal('act-reason');
    await type('It spreads');
    select.value = 'P2';
    select.dispatchEvent(new Event('input', { bubbles: true }));
    await submit();
    expect(wrong()).to.equal('Choose a severity other than the one it has.');
    expect(focused()).to.equal('act-severity');
    select.value = 'P0';
    select.dispatchEvent(new Event('input', { bubbles: true }));
    await submit();
    expect(sent).to.deep.equal([{ kind: 'escalate', id: 'a', severity: 'P0', reason: 'It spreads' }]);
  });

  it('suggests nothing above the most severe', async () => {
    const { root, wrong, submit } = await opened('escalate', {}, { ...INCIDENT, severity: 'P0' });
    expect(root.querySelector<HTMLSelectElement>('select')?.value).to.equal('');
    await submit();
    expect(wrong()).to.equal('Choose a severity other than the one it has.');
  });

  it('resolves with as much as the reader wants to say', async () => {
    const { sent, submit, press, type } = await opened('resolve');
    await submit();
    await type('Restarted');
    await press('Tab');
    await type('Leak');
    await press('Enter', 'Meta');
    expect(sent).to.deep.equal([
      { kind: 'resolve', id: 'a', method: 'manual', notes: '' },
      { kind: 'resolve', id: 'a', method: 'manual', notes: 'Restarted', rootCause: 'Leak' },
    ]);
  });

  it('makes a chip of each name, and gives back what was there', async () => {
    const { sent, all, root, press, type, submit, focused } = await opened('assign');
    const chips = () => all('.chips bdi').map(({ textContent }) => textContent);
    expect(chips()).to.deep.equal(['Ada']);
    expect(
      [...root.querySelector<HTMLDataListElement>('datalist')!.options].map(({ value }) => value),
    ).to.deep.equal(['Bob']);
    await type('Bob, ');
    await type('Eve');
    await press('Enter');
    expect(chips()).to.deep.equal(['Ada', 'Bob', 'Eve']);
    expect(sent).to.deep.equal([]);
    root.querySelector<HTMLButtonElement>('.chips button')?.click();
    await press('Backspace');
    expect(chips()).to.deep.equal(['Bob']);
    expect(focused()).to.equal('act-name');
    expect(root.querySelector('.hush')?.textContent).to.equal('Eve removed');
    await type('Mallory');
    await submit();
    expect(sent).to.deep.equal([{ kind: 'assign', id: 'a', assignees: ['Bob', 'Mallory'] }]);
  });

  it('can assign nobody', async () => {
    const { sent, press } = await opened('assign');
    await press('Backspace');
    await press('Enter');
    expect(sent).to.deep.equal([{ kind: 'assign', id: 'a', assignees: [] }]);
  });

  it('says that it is at work, sends once, and stays with what was written when the server says no', async () => {
    let refuse = () => {};
    let times = 0;
    const { root, wrong, submit, type, press, host } = await opened('comment', {
      submit: () => {
        times++;
        return new Promise((_, reject) => {
          refuse = () => reject(new RealtimeError('forbidden', 'You may not do that.'));
        });
      },
    });
    await type('On it');
    await submit();
    expect(root.querySelector('form')?.getAttribute('aria-busy')).to.equal('true');
    expect(root.querySelector('[type="submit"]')?.textContent.trim()).to.equal('Adding…');
    await press('Enter', 'Control');
    await submit();
    expect(times).to.equal(1);
    refuse();
    await waitFor(() => wrong() === 'You may not do that.', 'the reason');
    await host.updateComplete;
    expect(root.querySelector('form')?.getAttribute('aria-busy')).to.equal('false');
    expect(root.querySelector<HTMLTextAreaElement>('textarea')?.value).to.equal('On it');
    await submit();
    expect(wrong()).to.equal('');
    expect(times).to.equal(2);
  });

  it('is left by Escape, which asks when there is something to lose', async () => {
    const empty = await opened('comment');
    await empty.press('Escape');
    expect(empty.told.cancelled).to.equal(1);
    const { told, press, type, all } = await opened('comment');
    const says = (words: string) => all('.tip').some(({ textContent }) => textContent.includes(words));
    await type('Half a sent');
    await press('Escape');
    expect(told.cancelled).to.equal(0);
    expect(says('Press Escape again')).to.equal(true);
    await type('ence');
    expect(says('Press Escape again')).to.equal(false);
    await press('Escape');
    await press('Escape');
    expect(told.cancelled).to.equal(1);
  });

  it('leaves Escape and Enter to a keyboard that composes', async () => {
    const { told, sent, root } = await opened('comment');
    for (const init of [{ key: 'Escape' }, { key: 'Enter', ctrlKey: true }]) {
      const event = new KeyboardEvent('keydown', {
        ...init,
        bubbles: true,
        isComposing: true,
        cancelable: true,
      });
      root.querySelector('textarea')?.dispatchEvent(event);
      expect(event.defaultPrevented).to.equal(false);
    }
    expect([told.cancelled, sent]).to.deep.equal([0, []]);
  });

  it('tells when the incident has changed meanwhile', async () => {
    const { host, root } = await opened('assign');
    const note = () => root.querySelector('p.tip[role="status"]')?.textContent;
    host.incident = { ...INCIDENT, title: 'Another', severity: 'P0' };
    host.requestUpdate();
    await host.updateComplete;
    expect(note()).to.equal('');
    host.incident = { ...INCIDENT, assignees: ['Bob', 'Eve'], phase: 'done' };
    host.requestUpdate();
    await host.updateComplete;
    expect(note()).to.equal('Changed while you were writing: assigned to Bob, Eve, it is resolved.');
  });

  it('shows hostile names as text', async () => {
    const name = '<img src=x onerror=alert(1)>';
    const { all, root } = await opened('assign', { assignees: [name] }, { ...INCIDENT, assignees: [name] });
    expect(all('.chips bdi')[0]?.textContent).to.equal(name);
    expect(root.querySelector('img')).to.equal(null);
  });
});
