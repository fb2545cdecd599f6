import type { OutgoingMessage } from '../protocol/types.ts';
import { attachmentsWords } from './attachments-words.ts';
import { harmlessFileName, isolated } from './file-name.ts';
import { formatBytes } from './format-bytes.ts';
import type { PictureSize } from './image-shrink.ts';
import type { Language } from './language.ts';

/** A file as a message carries it. */
export interface SentFile {
  /** Base64. */
  readonly content: string;
  readonly fileName: string;
  readonly contentType: string;
  /** Bytes of the file itself. */
  readonly fileSize: number;
}

/** A file that can be sent. */
export interface PreparedFile {
  readonly file: SentFile;
  /** Before and after, when it is a picture that had to be made smaller. */
  readonly shrunk: { readonly before: PictureSize; readonly after: PictureSize } | undefined;
  readonly thumbnail: HTMLCanvasElement | undefined;
}

/** What {@link prepareFile} has to know. */
export interface PreparePorts {
  readonly language: Language;
  /** Kinds to be taken, as `<input accept>` has them; `''` for any. */
  readonly accept: string;
  /** How many bytes longer a message could be; negative: it is too long. */
  room(message: OutgoingMessage): number;
}

/** Why a file cannot be sent, in words for people. */
export class RefusedFile extends Error {}

/** Pictures of more bytes are not opened: the page may not have the memory. */
const PICTURE_BYTES = 50_000_000;
/** What a browser draws as a picture of pixels. */
const PICTURE = /^image\/(?!svg)/;
const THUMBNAIL_PX = 40;

/**
 * Reads `file` so that one message can carry it. A picture that is too large is made smaller; anything else, and what is
 * empty or not wanted, rejects with {@link RefusedFile} without being read.
 */
export async function prepareFile(file: File, ports: PreparePorts): Promise<PreparedFile> {
  const { language } = ports;
  const words = language.words(attachmentsWords);
  const name = harmlessFileName(file.name) || words.unnamed;
  const called = { name: isolated(name) };
  if (!isAccepted(file, ports.accept)) throw new RefusedFile(words.type(called));
  if (file.size === 0) throw new RefusedFile(words.empty(called));
  const limit = limitOf(name, file.type, file.size, ports);
  if (file.size <= limit) {
    const sent = await toSent(file, name, language);
    return { file: sent, shrunk: undefined, thumbnail: await thumbnailOf(file) };
  }
  const told = {
    ...called,
    size: formatBytes(file.size, language.tag),
    limit: formatBytes(limit, language.tag),
  };
  if (!PICTURE.test(file.type) || file.size > PICTURE_BYTES) throw new RefusedFile(words.large(told));
  // Its ending is to say what it is by then; whichever it is, `.webp` is the longest.
  const room = limitOf(withEnding(name, 'webp'), 'image/webp', file.size, ports);
  const shrunk = await shrink(file, room, words.broken(told));
  if (!shrunk) throw new RefusedFile(words.largePicture(told));
  const { blob, before, after } = shrunk;
  const ending = blob.type === 'image/jpeg' ? 'jpg' : 'webp';
  const sent = await toSent(blob, withEnding(name, ending), language);
  return { file: sent, shrunk: { before, after }, thumbnail: await thumbnailOf(blob) };
}

/** The message that carries `files`. */
export function fileMessage(files: readonly SentFile[]): OutgoingMessage {
  return { type: 'File', data: { files } };
}

/** Whether `file` is of a kind that `accept` names, by its type or by its ending. */
export function isAccepted({ name, type }: Pick<File, 'name' | 'type'>, accept: string): boolean {
  const kinds = accept.toLowerCase().split(',');
  const wanted = kinds.map((kind) => kind.trim()).filter(Boolean);
  return (
    wanted.length === 0 ||
    wanted.some((kind) => {
      if (kind === '*' || kind === '*/*') return true;
      if (kind.startsWith('.')) return name.toLowerCase().endsWith(kind);
      return kind.endsWith('/*') ? type.startsWith(kind.slice(0, -1)) : type === kind;
    })
  );
}

/** Bytes that a file with this name can have: in base64, three of them are four. */
function limitOf(fileName: string, contentType: string, fileSize: number, { room }: PreparePorts): number {
  return Math.floor(room(fileMessage([{ content: '', fileName, contentType, fileSize }])) / 4) * 3;
}

async function toSent(file: Blob, fileName: string, language: Language): Promise<SentFile> {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    // Moved, deleted or a folder: browsers do not tell, and the visitor can do the same thing about it.
    throw new RefusedFile(language.words(attachmentsWords).unreadable({ name: isolated(fileName) }));
  }
  const content = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return { content, fileName, contentType: file.type, fileSize: bytes.length };
}

async function shrink(file: File, room: number, broken: string) {
  const { shrinkImage } = await import('./image-shrink.ts');
  try {
    return await shrinkImage(file, room);
  } catch {
    throw new RefusedFile(broken); // Neither does the browser tell more.
  }
}

/** `undefined` for what the browser cannot show as a picture. */
async function thumbnailOf(file: Blob): Promise<HTMLCanvasElement | undefined> {
  if (!PICTURE.test(file.type)) return undefined;
  const { drawThumbnail } = await import('./image-shrink.ts');
  return drawThumbnail(file, THUMBNAIL_PX).catch(() => undefined);
}

function withEnding(name: string, ending: string): string {
  return `${name.replace(/\.\w{1,5}$/, '')}.${ending}`;
}
