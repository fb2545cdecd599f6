import { expect, fixture, html } from '@open-wc/testing';
import { css, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';

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
});
