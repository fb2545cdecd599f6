import { html, nothing, type TemplateResult } from 'lit';
import type { ChatViewHost } from './chat-view-host.ts';
import { chatWords } from './chat-words.ts';

/** What shows before the first message: a greeting, and messages to begin with, which `send` sends. */
export function renderEmpty(host: ChatViewHost, send: (text: string) => unknown): TemplateResult {
  const { suggestions, conversation, language } = host;
  const words = language.words(chatWords);
  return html`<div class="empty">
    <p class="greeting">${words.greeting}</p>
    <p>${words.greetingDetail}</p>
    ${
      suggestions.length > 0
        ? html`<div class="suggestions" role="group" aria-label=${words.suggestions}>
            ${suggestions.map(
              (text) =>
                html`<button
                  type="button"
                  class="pill"
                  part="suggestion"
                  dir="auto"
                  ?disabled=${!conversation}
                  @click=${() => send(text)}
                >
                  ${text}
                </button>`,
            )}
          </div>`
        : nothing
    }
  </div>`;
}

/** What shows while it is not known whether there is anything to show. */
export function renderSkeleton({ language }: ChatViewHost): TemplateResult {
  return html`<div class="skeleton">
    <span class="hush">${language.words(chatWords).loading}</span>
    <i></i><i class="own"></i><i></i>
  </div>`;
}
