import type { RealtimeError } from '../../src/protocol/errors.ts';
import type { Message, OutgoingMessage } from '../../src/protocol/types.ts';
import { waitFor } from '../support/wait.ts';
import { message, ViewHost } from './view-host.ts';

/** A chat that shows Data messages, and keeps what it is asked to send as messages of the visitor. */
export class DataHost extends ViewHost {
  readonly sent: (string | OutgoingMessage)[] = [];
  /** Why nothing can be sent. */
  refusal: RealtimeError | undefined;

  override send(outgoing?: string | OutgoingMessage): Promise<undefined> {
    if (this.refusal) return Promise.reject(this.refusal);
    const part = typeof outgoing === 'string' ? { text: outgoing } : (outgoing ?? {});
    this.sent.push(outgoing ?? '');
    this.shownConversation.receive(
      message({ author: 'participant', type: part.type ?? 'Chat', text: part.text, data: part.data }),
    );
    return Promise.resolve({ requestId: 'r', persisted: true }) as unknown as Promise<undefined>;
  }

  $(selector: string): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(selector);
  }

  all(selector: string): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>(selector)];
  }

  /** What is there to be read in all that match. */
  texts(selector: string): string[] {
    return this.all(selector).map((node) => node.innerText.trim().replace(/\s+/g, ' '));
  }

  finds(selector: string): Promise<HTMLElement> {
    return waitFor(() => this.$(selector), selector);
  }

  /** Shows one message of an agent with `data`, and waits for `selector`. */
  show(data: unknown, selector = '.data-view', part: Partial<Message> = {}): Promise<HTMLElement> {
    this.shownConversation.receive(message({ type: 'Data', text: undefined, data, ...part }));
    return this.finds(selector);
  }

  /** Presses the first button or link whose words begin with `label`. */
  press(label: string): void {
    const button = this.all('button, a').find((one) => one.innerText.trim().startsWith(label));
    if (!button) throw new Error(`There is no button "${label}".`);
    button.focus();
    button.click();
  }
}
customElements.define('test-data-host', DataHost);
