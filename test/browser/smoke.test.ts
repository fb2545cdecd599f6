import { expect, fixture, html } from '@open-wc/testing';
import { css, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { startServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

@customElement('smoke-element')
class SmokeElement extends LitElement {
  static override styles = css`
    :host {
      color: rgb(1, 2, 3);
    }
  `;
  @property() name = 'nobody';

  override render() {
    return html`<p>${this.name}</p>`;
  }
}

describe('the browser suite', () => {
  it('compiles decorators the way the build does', async () => {
    const element = await fixture<SmokeElement>(html`<smoke-element name="someone"></smoke-element>`);
    expect(element.shadowRoot?.querySelector('p')?.textContent).to.equal('someone');
    element.name = 'another';
    await element.updateComplete;
    expect(element.shadowRoot?.querySelector('p')?.textContent).to.equal('another');
    expect(getComputedStyle(element).color).to.equal('rgb(1, 2, 3)');
  });

  it('starts, steers, asks and stops development servers, each on its own', async () => {
    const [one, other] = await Promise.all([startServer(), startServer({ agentDelayMs: 1 })]);
    expect(one.url).not.to.equal(other.url);
    expect((await fetch(`${one.url}/health`)).status).to.equal(200);
    await one.stop();
    await one.stop();
    await waitFor(
      () =>
        fetch(`${one.url}/health`).then(
          () => false,
          () => true,
        ),
      'the stopped server answers no more',
    );
    expect((await fetch(`${other.url}/health`)).status).to.equal(200);
    expect(await other.report()).to.be.an('object');
    await other.stop();
  });

  it('shows its page even while another file runs beside it', () => {
    expect(document.visibilityState).to.equal('visible');
    expect(document.hasFocus()).to.equal(true);
  });
});
