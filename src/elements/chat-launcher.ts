import { chatWords } from './chat-words.ts';
import type { ChatViewHost } from './chat-view-host.ts';

export class ChatLauncher {
  readonly #host: ChatViewHost;
  constructor(host: ChatViewHost) {
    this.#host = host;
  }
  get name(): string {
    return this.#host.heading ?? this.#host.language.words(chatWords).heading;
  }
  get badge(): unknown {
    return undefined;
  }
  get preview(): unknown {
    return undefined;
  }
}
