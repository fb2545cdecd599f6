import type { Page } from 'puppeteer-core';
import { waitFor } from '../support/wait.ts';

/** What a visitor of a page with one `<xians-chat>` sees and does. Reaches into the open shadow root as a test may. */
export class Visitor {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Opens the floating chat with a click on its launcher. */
  async openBubble(): Promise<void> {
    await this.finds('[part~="launcher"]');
    await this.#page.click('xians-chat >>> [part~="launcher"]');
    await this.finds('.composer textarea');
  }

  /** Waits until `selector` shows inside the chat. */
  async finds(selector: string): Promise<void> {
    // Without `visible` puppeteer waits for changes of the document, and those in shadow roots are none.
    await this.#page.waitForSelector(`xians-chat >>> ${selector}`, { visible: true });
  }

  /** Types `text` and presses Enter. */
  async write(text: string): Promise<void> {
    await this.#page.focus('xians-chat >>> .composer textarea');
    await this.#page.keyboard.type(text);
    await this.#page.keyboard.press('Enter');
  }

  /** Texts of the bubbles, in order, without the formatting. */
  bubbles(): Promise<string[]> {
    return this.#page.$$eval('xians-chat >>> [part~="bubble"]', (bubbles) =>
      bubbles.map((bubble) => (bubble as HTMLElement).innerText.trim().replace(/\s+/g, ' ')),
    );
  }

  async sees(text: string): Promise<void> {
    await waitFor(
      async () => (await this.bubbles()).some((bubble) => bubble.includes(text)),
      `a bubble with "${text}"`,
      20_000,
    );
  }

  /** How many elements match `selector` inside the chat. */
  count(selector: string): Promise<number> {
    return this.#page.$$eval(`xians-chat >>> ${selector}`, (found) => found.length);
  }

  /** The words under the heading that tell how the connection is. */
  status(): Promise<string> {
    return this.#page.$eval('xians-chat >>> [part~="status"]', (status) =>
      (status as HTMLElement).innerText.trim(),
    );
  }

  async hasStatus(pattern: RegExp): Promise<void> {
    await waitFor(async () => pattern.test(await this.status()), `a status like ${pattern}`, 20_000);
  }
}
