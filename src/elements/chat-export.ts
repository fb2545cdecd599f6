import { css, html, nothing, type TemplateResult } from 'lit';
import type { Conversation } from '../client/types.ts';
import { addStyles } from './add-styles.ts';
import { exportWords } from './chat-export-words.ts';
import type { ToolPorts } from './chat-tools.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { isoDay } from './chat-format.ts';
import { chatWords } from './chat-words.ts';
import { exportTranscript, type TranscriptFormat } from './export-transcript.ts';
import { readEarlier } from './read-earlier.ts';
import { saveFile } from './save-file.ts';
import { lookOf } from './transcript-look.ts';
import type { Words } from './words.ts';

/** What can be done with a whole conversation. */
export type ExportJob = TranscriptFormat | 'copy' | 'print';

const FILES: Record<TranscriptFormat, readonly [ending: string, type: string]> = {
  markdown: ['md', 'text/markdown'],
  text: ['txt', 'text/plain'],
  json: ['json', 'application/json'],
};

/** Saves, copies and prints a conversation, and offers to load all of it before. */
export class ChatExport {
  readonly #host: ChatViewHost;
  readonly #ports: ToolPorts;
  #job: ExportJob | undefined;
  #conversation: Conversation | undefined;
  #isLoading = false;
  /** Raised when what is under way shall not go on. */
  #run = 0;
  #giveBack: HTMLElement | undefined;

  constructor(host: ChatViewHost, ports: ToolPorts) {
    this.#host = host;
    this.#ports = ports;
    addStyles(host, exportStyles);
    host.addController({
      hostUpdate: () => {
        if (this.#job && host.conversation !== this.#conversation) this.#end();
      },
      hostDisconnected: () => this.#end(),
    });
  }

  /** Does it; asks first where older messages are not loaded. `giveBack` gets the focus afterwards. */
  start(conversation: Conversation, job: ExportJob, giveBack: HTMLElement | undefined): void {
    this.#end();
    this.#conversation = conversation;
    this.#giveBack = giveBack;
    if (!conversation.hasEarlier) return void this.#do(job);
    this.#job = job;
    this.#host.requestUpdate();
    this.#focus('.all');
  }

  render(): TemplateResult | typeof nothing {
    const job = this.#job;
    if (!job) return nothing;
    const words = this.#words;
    const count = this.#conversation?.messages.length ?? 0;
    return html`<div class="exporting" part="banner" role="group" @keydown=${this.#onKeyDown}>
      <span role="status">${this.#isLoading ? words.loading({ count }) : words.ask({ count })}</span>
      ${
        this.#isLoading
          ? nothing
          : html`<button type="button" class="link all" @click=${() => void this.#loadAll(job)}>
              ${words.all}
            </button>`
      }
      <button type="button" class="link" @click=${() => this.#take(job)}>${words.loaded}</button>
      <button type="button" class="link" @click=${this.#cancel}>${words.cancel}</button>
    </div>`;
  }

  get #words(): Words<(typeof exportWords)['source']> {
    return this.#host.language.words(exportWords);
  }

  async #loadAll(job: ExportJob): Promise<void> {
    const conversation = this.#conversation;
    if (!conversation) return;
    const run = ++this.#run;
    this.#isLoading = true;
    this.#host.requestUpdate();
    this.#focus('.link');
    try {
      let goesOn = conversation.hasEarlier;
      while (goesOn) {
        goesOn = await readEarlier(conversation);
        if (run !== this.#run) return;
        this.#host.requestUpdate();
      }
    } catch {
      if (run !== this.#run) return;
      // What is loaded can be used all the same: the bar stays.
      this.#isLoading = false;
      this.#ports.fail(this.#words.failed);
      this.#host.requestUpdate();
      return;
    }
    this.#take(job);
  }

  /** Goes on with what is loaded. */
  #take(job: ExportJob): void {
    this.#leave();
    void this.#do(job);
  }

  #cancel = () => this.#leave();

  #leave(): void {
    this.#end();
    this.#giveBack?.focus({ preventScroll: true });
  }

  #end(): void {
    this.#run++;
    this.#isLoading = false;
    if (!this.#job) return;
    this.#job = undefined;
    this.#host.requestUpdate();
  }

  #focus(selector: string): void {
    void this.#host.updateComplete.then(() =>
      this.#host.renderRoot.querySelector<HTMLElement>(`.exporting ${selector}`)?.focus(),
    );
  }

  async #do(job: ExportJob): Promise<void> {
    const messages = this.#conversation?.messages ?? [];
    const words = this.#words;
    if (job === 'copy') {
      try {
        await navigator.clipboard.writeText(exportTranscript(messages, 'markdown', lookOf(this.#host)));
        this.#ports.say(words.copied);
      } catch {
        // Whatever the browser's reason, the visitor can do the same thing about it.
        this.#ports.fail(words.copyFailed);
      }
    } else if (job === 'print') {
      const date = new Intl.DateTimeFormat(this.#host.language.tag, { dateStyle: 'long' }).format();
      const heading = this.#host.heading ?? this.#host.language.words(chatWords).heading;
      try {
        const { printTranscript } = await import('./chat-print.ts');
        printTranscript(this.#host, messages, words.title({ heading, date }), lookOf(this.#host));
      } catch {
        this.#ports.fail(words.printFailed);
      }
    } else {
      const [ending, type] = FILES[job];
      const file = `${words.fileName}-${isoDay(Date.now())}.${ending}`;
      saveFile(file, new Blob([exportTranscript(messages, job, lookOf(this.#host))], { type }));
      this.#ports.say(words.saved({ file }));
    }
  }

  #onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    event.preventDefault();
    this.#leave();
  };
}

const exportStyles = css`
  .exporting {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 12px;
    padding-block: 8px;
    padding-inline: 14px;
    border-block-end: 1px solid var(--_border);
    font-size: 0.9em;
    line-height: 1.4;
  }

  .exporting > span {
    flex: 1 1 16em;
  }
`;
