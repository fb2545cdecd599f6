import type { ElementHandle, Page } from 'puppeteer-core';
import { waitFor } from '../support/wait.ts';

const MESSAGES = 'xians-chat >>> [part~="message-own"]';

/** The visitor's own messages in the chat of a page: what stands there about them, and their buttons. */
export class OwnMessages {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Their texts, in the order in which they show. */
  texts(): Promise<string[]> {
    return this.#page.$$eval('xians-chat >>> [part~="bubble-own"]', (bubbles) =>
      bubbles.map((bubble) => bubble.textContent.trim()),
    );
  }

  async are(...texts: string[]): Promise<void> {
    await waitFor(
      async () => JSON.stringify(await this.texts()) === JSON.stringify(texts),
      `own messages: ${texts.join(', ')}`,
      20_000,
    );
  }

  /** Waits until what is said of `text` matches: how far it has come. */
  async isSaid(text: string, pattern: RegExp): Promise<void> {
    await waitFor(
      async () => {
        const message = await this.#find(text);
        const said = await message?.evaluate(
          (element) => element.querySelector('.state')?.textContent.trim() ?? '',
        );
        return said !== undefined && pattern.test(said);
      },
      `"${text}" is said to be like ${pattern}`,
      20_000,
    );
  }

  /**
   * Presses the button `label` of the message `text`. Resolves with whether that was done: there may be none to be seen,
   * and one that moves away meanwhile, since a line appears above it, is missed as it would be by a visitor.
   */
  async press(text: string, label: string): Promise<boolean> {
    const message = await this.#find(text);
    for (const button of (await message?.$$('button.link')) ?? []) {
      const seen = await button.evaluate((element) =>
        element.checkVisibility({ visibilityProperty: true }) ? element.textContent.trim() : undefined,
      );
      if (seen !== label) continue;
      const pressed = await button.evaluateHandle((element) => {
        const told = { isPressed: false };
        element.addEventListener('click', () => (told.isPressed = true), { once: true });
        return told;
      });
      await button.click();
      return pressed.evaluate(({ isPressed }) => isPressed);
    }
    return false;
  }

  /** Presses `label` as soon as it is there. */
  async pressOnce(text: string, label: string): Promise<void> {
    await waitFor(() => this.press(text, label), `the button "${label}" of "${text}"`);
  }

  /**
   * Discards the message `text`, as a visitor does who presses until it is gone: too soon after the question counts as a
   * double click, and too late as the first press again.
   */
  async discard(text: string): Promise<void> {
    await waitFor(
      async () => {
        if (!(await this.press(text, 'Discard for good'))) await this.press(text, 'Discard');
        return !(await this.texts()).includes(text);
      },
      `"${text}" is gone`,
      20_000,
    );
  }

  async #find(text: string): Promise<ElementHandle | undefined> {
    for (const message of await this.#page.$$(MESSAGES)) {
      const bubble = await message.$('[part~="bubble"]');
      if ((await bubble?.evaluate((element) => element.textContent.trim())) === text) return message;
    }
    return undefined;
  }
}
