import { expect, fixture } from '@open-wc/testing';
import { LitElement, html } from 'lit';
import { Menu, menuStyles, type MenuItem } from '../../src/elements/menu.ts';
import { theme } from '../../src/elements/theme.ts';
import { viewTheme } from '../../src/elements/view-theme.ts';
import { waitFor } from '../support/wait.ts';
import { expectAccessible } from './support.ts';

class MenuHost extends LitElement {
  static override styles = [theme, viewTheme, menuStyles];
  readonly menu: Menu = new Menu(this, 'things');
  readonly calls: string[] = [];

  items: MenuItem[] = ['Apple', 'Banana', 'Apricot', 'Cherry'].map((label) => ({
    id: label,
    label,
    disabled: label === 'Cherry',
    run: () => void this.calls.push(label),
  }));

  open(last = false) {
    const button = this.button;
    return this.menu.isOpen ? this.menu.close() : void this.menu.open(button, 'Things', this.items, last);
  }

  get button(): HTMLElement {
    return this.shadowRoot!.querySelector<HTMLElement>('.opener')!;
  }

  get focused(): string | undefined {
    return (this.renderRoot as ShadowRoot).activeElement?.textContent.trim();
  }

  protected override render() {
    return html`<button
        class="opener"
        aria-haspopup="menu"
        aria-expanded=${this.menu.isOpen}
        @click=${() => this.open()}
      >
        More
      </button>
      <button class="other">Other</button>${this.menu.render()}`;
  }
}
customElements.define('test-menu-host', MenuHost);

describe('a menu', () => {
  let host: MenuHost;

  beforeEach(async () => {
    host = await fixture(html`<test-menu-host></test-menu-host>`);
  });

  async function opened(last = false): Promise<HTMLElement> {
    host.open(last);
    await waitFor(() => host.focused === (last ? 'Cherry' : 'Apple'), 'an item has focus');
    return host.renderRoot.querySelector<HTMLElement>('[role=menu]')!;
  }
  const press = (key: string) =>
    (host.renderRoot as ShadowRoot).activeElement!.dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true }),
    );

  it('moves with the arrows, Home, End and letters', async () => {
    await opened();
    const went: (string | undefined)[] = [];
    for (const key of ['ArrowDown', 'ArrowUp', 'ArrowUp', 'ArrowDown', 'End', 'Home']) {
      press(key);
      went.push(host.focused);
    }
    expect(went).to.deep.equal(['Banana', 'Apple', 'Cherry', 'Apple', 'Cherry', 'Apple']);
    press('b');
    expect(host.focused).to.equal('Banana');
    press('End');
  });

  it('goes on to the next item at the same letter, and to one that begins with several', async () => {
    await opened();
    press('a');
    expect(host.focused).to.equal('Apricot');
    press('a');
    expect(host.focused).to.equal('Apple');
    press('p');
    press('r');
    expect(host.focused, 'apr').to.equal('Apricot');
  });

  it('begins at its end when asked to', async () => {
    await opened(true);
  });

  it('closes at Escape with the focus on its button, and tells nobody above', async () => {
    await opened();
    let heard = 0;
    host.addEventListener('keydown', () => heard++);
    press('Escape');
    await host.updateComplete;
    expect(host.renderRoot.querySelector('[role=menu]')).to.equal(null);
    expect(host.focused).to.equal('More');
    expect(heard).to.equal(0);
    expect(host.button.getAttribute('aria-expanded')).to.equal('false');
  });

  it('closes at a press elsewhere and leaves the focus there, and at one on its button for good', async () => {
    await opened();
    host.renderRoot
      .querySelector('.other')!
      .dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, composed: true }));
    expect(host.menu.isOpen).to.equal(false);
    await opened();
    host.button.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, composed: true }));
    host.button.click();
    await host.updateComplete;
    expect(host.menu.isOpen).to.equal(false);
  });

  it('closes when its host leaves the page, and leaves nothing on it', async () => {
    const listening = new Set<string>();
    for (const target of [document, window]) {
      const { addEventListener, removeEventListener } = target;
      target.addEventListener = (...args: Parameters<typeof addEventListener>) => {
        listening.add(args[0]);
        addEventListener.apply(target, args);
      };
      target.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
        listening.delete(args[0]);
        removeEventListener.apply(target, args);
      };
    }
    try {
      await opened();
      expect([...listening]).to.include.members(['pointerdown', 'resize']);
      host.remove();
      expect([...listening]).to.not.include.members(['pointerdown']);
      expect([...listening]).to.not.include.members(['resize']);
      expect(host.menu.isOpen).to.equal(false);
      await host.menu.open(host.button, 'Things', host.items);
      expect(host.menu.isOpen, 'nothing opens in what is gone').to.equal(false);
    } finally {
      for (const target of [document, window]) {
        Reflect.deleteProperty(target, 'addEventListener');
        Reflect.deleteProperty(target, 'removeEventListener');
      }
    }
  });

  it('runs what is chosen, and nothing for what is greyed', async () => {
    const menu = await opened();
    const [, banana, , cherry] = menu.querySelectorAll<HTMLElement>('[role=menuitem]');
    cherry!.click();
    expect(host.calls).to.deep.equal([]);
    expect(host.menu.isOpen).to.equal(true);
    banana!.click();
    expect(host.calls).to.deep.equal(['Banana']);
    await host.updateComplete;
    expect(host.focused).to.equal('More');
  });

  it('tells which switch is on, and is accessible', async () => {
    host.items = [
      { id: 'a', label: 'Apple', checked: true, run: () => undefined },
      { id: 'b', label: 'Banana', checked: false, separated: true, danger: true, run: () => undefined },
    ];
    const menu = await opened();
    const states = [...menu.querySelectorAll('[role=menuitemcheckbox]')].map((item) => item.ariaChecked);
    expect(states).to.deep.equal(['true', 'false']);
    await expectAccessible(host);
  });

  it('keeps within the viewport', async () => {
    host.style.position = 'fixed';
    host.style.insetInlineEnd = '0';
    host.style.insetBlockEnd = '0';
    const menu = await opened();
    const { left, top, right, bottom } = menu.getBoundingClientRect();
    expect(left).to.be.at.least(0);
    expect(top).to.be.at.least(0);
    expect(right).to.be.at.most(innerWidth);
    expect(bottom).to.be.at.most(innerHeight);
  });
});
