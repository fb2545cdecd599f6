import { html, type TemplateResult } from 'lit';
import { extrasWords } from './chat-extras-words.ts';
import { formatBytes } from './format-bytes.ts';
import { icon } from './icons.ts';
import type { Language } from './language.ts';

/** One file of a File message (xians §5.5). */
interface SharedFile {
  readonly name: string;
  /** Shown only: what is downloaded is always `application/octet-stream`, so that it cannot run here. */
  readonly type: string;
  readonly bytes: number;
  readonly base64: string;
}

/** The files in a File message's `data`: `{files: […]}`, one such object, or a bare base64 string. */
function filesOf(data: unknown, unnamed: string): SharedFile[] {
  if (typeof data === 'string') return [toFile({ content: data }, unnamed)];
  if (!isRecord(data)) return [];
  const list = Array.isArray(data['files']) ? data['files'] : [data];
  return list
    .filter(isRecord)
    .filter(({ content }) => typeof content === 'string')
    .map((record) => toFile(record, unnamed));
}

/** Each file of a File message with its name, type and size, and a button that saves it. */
export function renderFiles(data: unknown, language: Language): TemplateResult | undefined {
  const words = language.words(extrasWords);
  const files = filesOf(data, words.file);
  if (files.length === 0) return undefined;
  return html`<ul class="files">
    ${files.map(
      (file) =>
        html`<li>
          ${icon('file')}
          <span class="file">
            <bdi>${file.name}</bdi>
            <span class="detail"
              >${[file.type, formatBytes(file.bytes, language.tag)].filter(Boolean).join(' · ')}</span
            >
          </span>
          <button
            type="button"
            class="tool"
            aria-label=${words.downloadFile({ name: file.name })}
            title=${words.download}
            @click=${() => save(decode(file.base64), file.name)}
          >
            ${icon('download')}
          </button>
        </li>`,
    )}
  </ul>`;
}

/** Hands `content` to the browser's downloads under `name`. */
export function save(content: BlobPart, name: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own reference by the next task; the URL would keep the bytes for the life of the page.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}

function toFile(record: Readonly<Record<string, unknown>>, unnamed: string): SharedFile {
  const base64 = String(record['content']).replace(/^data:[^,]*,/, '');
  const size = record['fileSize'];
  return {
    name: safeName(record['fileName']) || unnamed,
    type: typeof record['contentType'] === 'string' ? record['contentType'].slice(0, 80) : '',
    bytes: typeof size === 'number' && size >= 0 ? size : sizeOf(base64),
    base64,
  };
}

/** How many bytes `base64` stands for, without decoding it: the padding and line breaks stand for none. */
function sizeOf(base64: string): number {
  return Math.floor((base64.replace(/[=\s]+/g, '').length * 3) / 4);
}

/** A name without folders, control characters and direction overrides, which can make `exe.pdf` of `fdp.exe`. */
function safeName(name: unknown): string {
  const text = typeof name === 'string' ? name : '';
  const plain = text.replace(/^.*[\\/]/s, '').replace(/[\p{Cc}\p{Cf}]/gu, '');
  return plain.slice(0, 120);
}

/** The bytes of `base64`; what cannot be decoded is saved as the text it is, so that nothing is lost. */
function decode(base64: string): BlobPart {
  let binary: string;
  try {
    binary = atob(base64);
  } catch (error) {
    if (error instanceof DOMException) return base64;
    throw error;
  }
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
