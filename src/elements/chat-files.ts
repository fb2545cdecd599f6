import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import { filesWords } from './chat-files-words.ts';
import { isPicture, picture } from './chat-picture.ts';
import { formatBytes } from './format-bytes.ts';
import { drawing, icon } from './icons.ts';
import type { Language } from './language.ts';
import { bytesOf, filesOf, type ReceivedFile } from './received-file.ts';
import { saveFile } from './save-file.ts';

/** By what a type begins with. */
const KINDS: readonly (readonly [RegExp, SVGTemplateResult])[] = [
  [
    /^image\//,
    svg`<rect x="4" y="4" width="16" height="16" rx="2" /><circle cx="9" cy="9" r="1.5" /><path d="M20 15l-4-4-9 9" />`,
  ],
  [
    /^audio\//,
    svg`<path d="M9 18V6l10-2v12" /><circle cx="6.5" cy="18" r="2.5" /><circle cx="16.5" cy="16" r="2.5" />`,
  ],
  [/^video\//, svg`<rect x="3" y="5" width="18" height="14" rx="2" /><path d="M10 9l5 3-5 3z" />`],
  [
    /zip|compressed|x-(tar|7z|rar)/,
    svg`<path d="M4 8V6a1 1 0 0 1 1-1h4l2 3h8a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1zM14 8v8" />`,
  ],
];

/** Each file of a File message with a picture or a sign of its kind, its name and size, and a button that saves it. */
export function renderFiles(data: unknown, language: Language): TemplateResult | undefined {
  const files = filesOf(data);
  if (files.length === 0) return undefined;
  return html`<ul class="files">
    ${files.map((file) => renderFile(file, language))}
  </ul>`;
}

function renderFile(file: ReceivedFile, language: Language): TemplateResult {
  const words = language.words(filesWords);
  const name = file.name || words.file;
  const kind = kindOf(file);
  const size = formatBytes(file.bytes, language.tag);
  return html`<li>
    ${isPicture(file) ? html`<div><canvas aria-hidden="true" ${picture(file)}></canvas></div>` : nothing}
    <div class="got">
      ${drawing(KINDS.find(([type]) => type.test(file.type))?.[1] ?? plain)}
      <span class="file">
        <bdi>${name}</bdi>
        <span class="detail" dir="auto"
          >${file.damaged ? words.damaged : kind ? html`${kind} · ${size}` : size}</span
        >
      </span>
      ${
        file.damaged
          ? nothing
          : html`<button
              type="button"
              class="tool"
              aria-label=${words.downloadFile({ name })}
              title=${words.download}
              @click=${() => save(bytesOf(file), name)}
            >
              ${icon('download')}
            </button>`
      }
    </div>
  </li>`;
}

const plain = svg`<path d="M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8zM14 3v5h5" />`;

/** `PDF`, from the name, else from the type, whose last part may be a word of forty letters. */
function kindOf({ name, type }: ReceivedFile): string {
  const kind = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1] ?? /^\w+\/([a-z0-9]{1,8})$/.exec(type)?.[1] ?? '';
  return kind.toUpperCase();
}

/** Saves what somebody sent, as no kind of file that could run here. */
export function save(content: BlobPart, name: string): void {
  saveFile(name, new Blob([content], { type: 'application/octet-stream' }));
}
