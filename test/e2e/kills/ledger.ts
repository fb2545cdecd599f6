/** What a page said about one message, by the chat's own events. */
export interface Report {
  readonly event: 'queued' | 'sent' | 'failed';
  readonly requestId: string;
  readonly text: string;
  /** Whether the page said that the message survives it. */
  readonly persisted: boolean;
}

/** One message, as far as any page has spoken of it. */
export interface Entry {
  readonly requestId: string;
  readonly text: string;
  readonly persisted: boolean;
  readonly sent: boolean;
  readonly failed: boolean;
}

/** Everything that pages have reported, whether they still exist or not. */
export class Ledger {
  readonly #entries = new Map<string, Entry>();

  add({ event, requestId, text, persisted }: Report): void {
    const known = this.#entries.get(requestId);
    this.#entries.set(requestId, {
      requestId,
      text: known?.text ?? text,
      persisted: known?.persisted || (event === 'queued' && persisted),
      sent: known?.sent || event === 'sent',
      failed: event === 'failed' || (event !== 'sent' && known?.failed === true),
    });
  }

  /** In the order in which they were first reported. */
  get entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  /** Those that may never be lost. */
  get accepted(): readonly Entry[] {
    return this.entries.filter(({ persisted }) => persisted);
  }
}
