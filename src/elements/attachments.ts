import { html, nothing, type ReactiveController, type TemplateResult } from 'lit';
import type { Conversation } from '../client/types.ts';
import type { OutgoingMessage, SendReceipt } from '../protocol/types.ts';
import { fileMessage, prepareFile, RefusedFile, type PreparedFile } from './attachment.ts';
import { attachmentsWords } from './attachments-words.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { harmlessFileName, isolated } from './file-name.ts';
import { formatBytes } from './format-bytes.ts';
import { icon } from './icons.ts';
import type { PictureSize } from './image-shrink.ts';
import { sentences } from './sentences.ts';

export { attachmentsStyles as styles } from './attachments-styles.ts';

/** What the files are sent with. */
export interface AttachmentsPorts {
  /** Whether nothing can be written now. */
  isOff(): boolean;
  /** A message as it would be sent: with what else has to go with it. */
  dress(message: OutgoingMessage): OutgoingMessage;
  /** Resolves with `undefined` when the page does not want it to be sent. */
  send(message: OutgoingMessage): Promise<SendReceipt | undefined>;
  /** Moves focus to the field. */
  focus(): void;
}

/** A file that waits to be sent. */
interface Attachment {
  readonly name: string;
  /** `undefined` while it is being prepared. */
  prepared?: PreparedFile;
  /** Settles when it is prepared or refused. */
  ready: Promise<void>;
}

/** What belongs to one conversation. Lives as long as it, in memory only. */
interface Tray {
  files: readonly Attachment[];
  refusals: readonly string[];
}

const MOST_FILES = 5;

/**
 * The files that the visitor has chosen, dropped or pasted and not sent: shown above the field, each to be removed, and
 * sent before the text, so that whoever reads it has them. What cannot be sent is said at once.
 */
export class Attachments implements ReactiveController {
  readonly #host: ChatViewHost;
  readonly #ports: AttachmentsPorts;
  #trays = new WeakMap<Conversation, Tray>();
  /** What assistive technology is told. */
  #said = '';
  #dropping = false;

  constructor(host: ChatViewHost, ports: AttachmentsPorts) {
    this.#host = host;
    this.#ports = ports;
    host.addController(this);
  }

  hostConnected(): void {
    for (const [type, listener] of this.#listeners) this.#host.addEventListener(type, listener);
  }

  hostDisconnected(): void {
    for (const [type, listener] of this.#listeners) this.#host.removeEventListener(type, listener);
    this.#dropping = false;
  }

  /** Whether there is something to send. */
  get any(): boolean {
    return this.#tray.files.length > 0;
  }

  /** Forgets what was not sent, of all conversations. */
  forget(): void {
    this.#trays = new WeakMap();
    this.#said = '';
  }

  /**
   * Sends the files, as many in one message as it can carry. Resolves with `false` when some stay: the page did not want one
   * to be sent, or it cannot be. Rejects with what a message was refused for; the files of that one and of those after it stay.
   */
  async send(): Promise<SendReceipt | false | undefined> {
    const tray = this.#tray;
    const files = [...tray.files];
    await Promise.all(files.map(({ ready }) => ready));
    let receipt: SendReceipt | undefined;
    while (files.length > 0) {
      const first = files.splice(0, this.#fitting(files));
      // Somebody may have removed it meanwhile, and what was refused has been told.
      if (first.some((file) => !tray.files.includes(file))) return false;
      receipt = await this.#ports.send(this.#message(first));
      if (!receipt) return false;
      tray.files = tray.files.filter((file) => !first.includes(file));
      tray.refusals = [];
      this.#host.requestUpdate();
    }
    return receipt;
  }

  /** The button that opens the choice of files. */
  renderButton(): TemplateResult {
    const words = this.#host.language.words(attachmentsWords);
    return html`<button
        type="button"
        class="attach"
        part="attach"
        aria-label=${words.attach}
        title=${words.attach}
        ?disabled=${this.#off}
        @click=${this.#choose}
      >
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
          <path
            d="M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 5 5l-8.5 8.5a1.8 1.8 0 0 1-2.5-2.5L14.5 8"
          />
        </svg></button
      ><input
        type="file"
        hidden
        multiple
        accept=${this.#host.attachments || nothing}
        @change=${this.#onChosen}
      />`;
  }

  /** What was refused, the files, and what is read out. */
  render(): TemplateResult {
    const { files, refusals } = this.#tray;
    const words = this.#host.language.words(attachmentsWords);
    const slow = this.#slow;
    return html`<div role="alert">
        ${
          refusals.length > 0
            ? html`<div class="banner danger" part="banner">
                ${icon('alert')}
                <span>${refusals.map((line) => html`<span class="refusal">${line}</span>`)}</span>
                <button
                  type="button"
                  class="tool"
                  aria-label=${words.dismiss}
                  title=${words.dismiss}
                  @click=${this.#dismiss}
                >
                  ${icon('close')}
                </button>
              </div>`
            : nothing
        }
      </div>
      ${
        files.length > 0
          ? html`<ul class="attachments" part="attachments" aria-label=${words.list}>
                ${files.map((file) => this.#renderFile(file))}
              </ul>
              ${slow ? html`<p class="slow">${icon('clock')}<span>${slow}</span></p>` : nothing}`
          : nothing
      }
      <div class="hush" role="status">${this.#said}</div>
      ${this.#dropping ? html`<div class="drop" part="drop" @dragleave=${this.#onLeave}>${words.drop}</div>` : nothing}`;
  }

  #renderFile(attachment: Attachment): TemplateResult {
    const { name, prepared } = attachment;
    const words = this.#host.language.words(attachmentsWords);
    const remove = words.remove({ name: isolated(name) });
    return html`<li class="attachment" part="attachment">
      <span class="thumbnail" aria-hidden="true">${prepared?.thumbnail ?? icon('file')}</span>
      <span class="file">
        <span class="file-name"><bdi>${prepared?.file.fileName ?? name}</bdi></span>
        <span class="detail">${prepared ? this.#detail(prepared) : words.preparing}</span>
      </span>
      <button
        type="button"
        class="tool"
        aria-label=${remove}
        title=${remove}
        @click=${() => this.#remove(attachment)}
      >
        ${icon('close')}
      </button>
    </li>`;
  }

  #detail({ file, shrunk }: PreparedFile): string {
    const { language } = this.#host;
    const words = language.words(attachmentsWords);
    const size = formatBytes(file.fileSize, language.tag);
    if (!shrunk) return size;
    // Pixels are written without marks between the thousands.
    const { format } = new Intl.NumberFormat(language.tag, { useGrouping: false });
    const told = ({ width, height }: PictureSize) =>
      words.size({ width: format(width), height: format(height) });
    return `${size} · ${words.smaller({ before: told(shrunk.before), after: told(shrunk.after) })}`;
  }

  /** What is said while the connection carries no files. */
  get #slow(): string | undefined {
    const { client, language } = this.#host;
    const channel = client?.status.channel;
    return channel && channel !== 'hub' ? language.words(attachmentsWords).slow : undefined;
  }

  get #off(): boolean {
    return this.#ports.isOff() || this.#host.attachments === undefined || !this.#host.conversation;
  }

  /** That of the conversation which shows. */
  get #tray(): Tray {
    const { conversation } = this.#host;
    const tray = conversation && this.#trays.get(conversation);
    if (tray) return tray;
    const empty: Tray = { files: [], refusals: [] };
    if (conversation) this.#trays.set(conversation, empty);
    return empty;
  }

  /** How many from the first on one message can carry; at least one. */
  #fitting(files: readonly Attachment[]): number {
    const fits = (count: number) => this.#room(this.#message(files.slice(0, count))) >= 0;
    let count = 1;
    while (count < files.length && fits(count + 1)) count++;
    return count;
  }

  #message(files: readonly Attachment[]): OutgoingMessage {
    return fileMessage(files.flatMap(({ prepared }) => prepared?.file ?? []));
  }

  #room(message: OutgoingMessage): number {
    return this.#host.conversation?.room(this.#ports.dress(message)) ?? -1;
  }

  #add(files: readonly File[], refusals: readonly string[] = []): void {
    const tray = this.#tray;
    const words = this.#host.language.words(attachmentsWords);
    const taken = files.slice(0, Math.max(0, MOST_FILES - tray.files.length));
    const left = files.length - taken.length;
    const before = tray.refusals;
    // What was refused stays told until something else is: what is chosen next may be all right.
    const refuse = (...lines: readonly string[]) => {
      if (lines.length > 0) tray.refusals = tray.refusals === before ? lines : [...tray.refusals, ...lines];
    };
    refuse(...refusals);
    if (left > 0) refuse(words.many({ limit: MOST_FILES, count: left }));
    tray.files = [...tray.files, ...taken.map((file) => this.#prepare(file, tray, refuse))];
    this.#host.requestUpdate();
  }

  #prepare(file: File, tray: Tray, refuse: (line: string) => void): Attachment {
    const { language, attachments: accept = '' } = this.#host;
    const words = language.words(attachmentsWords);
    const name = harmlessFileName(file.name) || words.unnamed;
    const called = { name: isolated(name) };
    const attachment: Attachment = { name, ready: Promise.resolve() };
    const room = (message: OutgoingMessage) => this.#room(message);
    attachment.ready = prepareFile(file, { language, accept, room }).then(
      (prepared) => {
        attachment.prepared = prepared;
        const added = prepared.shrunk ? words.addedSmaller(called) : words.added(called);
        this.#said = sentences(language, added, this.#slow);
        this.#host.requestUpdate();
      },
      (reason: unknown) => {
        tray.files = tray.files.filter((one) => one !== attachment);
        refuse(reason instanceof RefusedFile ? reason.message : words.unreadable(called));
        this.#host.requestUpdate();
      },
    );
    return attachment;
  }

  #remove(attachment: Attachment): void {
    const tray = this.#tray;
    const place = tray.files.indexOf(attachment);
    tray.files = tray.files.filter((one) => one !== attachment);
    this.#said = this.#host.language.words(attachmentsWords).removed({ name: isolated(attachment.name) });
    this.#host.requestUpdate();
    void this.#host.updateComplete.then(() => {
      const buttons = this.#host.renderRoot.querySelectorAll<HTMLElement>('.attachment button');
      const next = buttons[Math.min(place, buttons.length - 1)];
      if (next) next.focus();
      else this.#ports.focus();
    });
  }

  #choose = (event: Event) => {
    const button = event.currentTarget as HTMLElement;
    (button.nextElementSibling as HTMLInputElement).click();
  };

  #onChosen = (event: Event) => {
    const input = event.target as HTMLInputElement;
    this.#add([...(input.files ?? [])]);
    input.value = ''; // The same file can be chosen again.
  };

  #dismiss = () => {
    this.#tray.refusals = [];
    this.#ports.focus();
    this.#host.requestUpdate();
  };

  #onPaste = (event: Event) => {
    const data = (event as ClipboardEvent).clipboardData;
    // Spreadsheets and word processors put a picture of the text beside it.
    if (this.#off || !data || data.files.length === 0 || data.types.includes('text/plain')) return;
    event.preventDefault();
    this.#add([...data.files]);
  };

  #onDrag = (event: Event) => {
    const data = (event as DragEvent).dataTransfer;
    if (!data?.types.includes('Files')) return;
    // Also where nothing can be dropped: the browser would leave the page for the file.
    event.preventDefault();
    data.dropEffect = this.#off ? 'none' : 'copy';
    if (this.#off || this.#dropping) return;
    this.#dropping = true;
    this.#host.requestUpdate();
  };

  /** The sheet that says where to drop covers the window: who leaves it has left. */
  #onLeave = () => {
    this.#dropping = false;
    this.#host.requestUpdate();
  };

  #onDrop = (event: Event) => {
    const data = (event as DragEvent).dataTransfer;
    if (!data?.types.includes('Files')) return;
    event.preventDefault();
    this.#onLeave();
    if (this.#off) return;
    const words = this.#host.language.words(attachmentsWords);
    const items = [...data.items].filter(({ kind }) => kind === 'file');
    const folders = items.flatMap((item) =>
      item.webkitGetAsEntry()?.isDirectory ? (item.getAsFile() ?? []) : [],
    );
    const names = new Set(folders.map(({ name }) => name));
    this.#add(
      [...data.files].filter(({ name }) => !names.has(name)),
      folders.map(({ name }) => words.folder({ name: isolated(harmlessFileName(name)) })),
    );
  };

  readonly #listeners: readonly (readonly [string, (event: Event) => void])[] = [
    ['paste', this.#onPaste],
    ['dragenter', this.#onDrag],
    ['dragover', this.#onDrag],
    ['drop', this.#onDrop],
  ];
}
