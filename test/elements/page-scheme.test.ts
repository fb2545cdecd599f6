import { expect, fixture, html } from '@open-wc/testing';
import { LitElement } from 'lit';
import { PageScheme } from '../../src/elements/page-scheme.ts';
import { waitFor } from '../support/wait.ts';

class Follower extends LitElement {
  constructor() {
    super();
    new PageScheme(this);
  }
}
customElements.define('test-scheme-follower', Follower);

describe('an element on a page with a dark mode of its own', () => {
  const root = document.documentElement;
  const schemeOf = (element: Element) => getComputedStyle(element).colorScheme;
  const becomes = (element: Element, scheme: string) =>
    waitFor(() => schemeOf(element) === scheme, `it is ${scheme}`);

  afterEach(() => {
    root.removeAttribute('class');
    root.removeAttribute('data-bs-theme');
  });

  it('follows a class of the page, as it is switched', async () => {
    const element = await fixture(html`<test-scheme-follower></test-scheme-follower>`);
    expect(schemeOf(element)).to.equal('normal');
    root.className = 'wide theme-dark';
    await becomes(element, 'dark');
    root.className = 'wide';
    await becomes(element, 'normal');
  });

  it('follows the attributes of toolkits', async () => {
    root.setAttribute('data-bs-theme', 'dark');
    const element = await fixture(html`<test-scheme-follower></test-scheme-follower>`);
    expect(schemeOf(element)).to.equal('dark');
    root.setAttribute('data-bs-theme', 'light');
    await becomes(element, 'light');
  });

  it('goes by what is nearest', async () => {
    root.className = 'dark';
    const part = await fixture(
      html`<div data-theme="light"><test-scheme-follower></test-scheme-follower></div>`,
    );
    expect(schemeOf(part.firstElementChild!)).to.equal('light');
  });

  it('leaves a page that declares its color-scheme alone', async () => {
    root.className = 'dark';
    const part = await fixture(
      html`<div style="color-scheme: light"><test-scheme-follower></test-scheme-follower></div>`,
    );
    expect(schemeOf(part.firstElementChild!)).to.equal('light');
    expect(part.firstElementChild!.shadowRoot!.adoptedStyleSheets).to.have.length(0);
  });

  it('takes no word that only begins alike, and nothing once it is gone', async () => {
    root.className = 'darkroom';
    const element = await fixture(html`<test-scheme-follower></test-scheme-follower>`);
    expect(schemeOf(element)).to.equal('normal');
    element.remove();
    root.className = 'dark';
    document.body.append(element);
    expect(schemeOf(element)).to.equal('dark');
    element.remove();
  });
});
