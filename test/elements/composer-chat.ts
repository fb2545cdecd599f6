import { fixture } from '@open-wc/testing';
import { html } from 'lit';
import type { XiansChat } from '../../src/elements/xians-chat.ts';
import type { TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { API_KEY, newVisitor, WORKFLOW } from './support.ts';

/** A chat at a server, with what tests of its composer do to it. */
export class ComposerChat {
  readonly element: XiansChat;

  private constructor(element: XiansChat) {
    this.element = element;
  }

  /** A chat in the page with `attributes`, once its field or form is there. */
  static async mount(
    server: TestServer,
    attributes: Readonly<Record<string, string>>,
    visitor = newVisitor(),
  ): Promise<ComposerChat> {
    const element = document.createElement('xians-chat');
    const all = {
      'server-url': server.url,
      'tenant-id': 'acme',
      'participant-id': visitor,
      'api-key': API_KEY,
      workflow: WORKFLOW,
      ...attributes,
    };
    for (const [name, value] of Object.entries(all)) element.setAttribute(name, value);
    await fixture(html`${element}`);
    await waitFor(() => element.client?.state === 'live', 'the client is live');
    return new ComposerChat(element);
  }

  find(selector: string): HTMLElement | null {
    return this.element.shadowRoot?.querySelector<HTMLElement>(selector) ?? null;
  }

  /** An input of a form, or a button. */
  control(selector: string): HTMLInputElement {
    return this.find(selector) as HTMLInputElement;
  }

  all(selector: string): HTMLElement[] {
    return [...(this.element.shadowRoot?.querySelectorAll<HTMLElement>(selector) ?? [])];
  }

  /** Waits until `selector` is there. */
  async finds(selector: string): Promise<HTMLElement> {
    await waitFor(() => this.find(selector) !== null, selector);
    return this.find(selector)!;
  }

  /** Words of every element that matches, as {@link plain}. */
  words(selector: string): string[] {
    return this.all(selector).map(({ textContent }) => plain(textContent));
  }

  get field(): HTMLTextAreaElement {
    return this.find('textarea') as HTMLTextAreaElement;
  }

  async write(text: string): Promise<void> {
    this.field.value = text;
    this.field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
    await this.element.updateComplete;
  }

  /** Presses `key` in the field. Returns whether it did more than the browser's own. */
  press(key: string, more: KeyboardEventInit = {}): boolean {
    return !this.field.dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true, ...more }),
    );
  }
}

/** With single spaces, and without the marks around what may be written in another direction. */
export function plain(text: string): string {
  return text
    .replace(/[\u2068\u2069]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
