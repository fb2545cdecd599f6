import { harmlessFileName } from './file-name.ts';

/** One file of a File message (xians §5.5). */
export interface ReceivedFile {
  /** `''` for one without a name. */
  readonly name: string;
  /** Shown only: what is downloaded is always `application/octet-stream`, so that it cannot run here. */
  readonly type: string;
  readonly bytes: number;
  readonly base64: string;
  /** What came is no base64. */
  readonly damaged: boolean;
}

/** Looked at once, however often they are drawn: they may have megabytes. */
const known = new WeakMap<object, readonly ReceivedFile[]>();

/** The files in a File message's `data`: `{files: […]}`, one such object, or a bare base64 string. */
export function filesOf(data: unknown): readonly ReceivedFile[] {
  if (typeof data === 'string') return [toFile({ content: data })];
  if (!isRecord(data)) return [];
  let files = known.get(data);
  if (!files) {
    const list = Array.isArray(data['files']) ? data['files'] : [data];
    files = list
      .filter(isRecord)
      .filter(({ content }) => typeof content === 'string')
      .map(toFile);
    known.set(data, files);
  }
  return files;
}

/** The bytes of a file that is not damaged. */
export function bytesOf({ base64 }: ReceivedFile): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function toFile(record: Readonly<Record<string, unknown>>): ReceivedFile {
  const { content, fileName, contentType, fileSize } = record;
  // Also as it is written in addresses.
  const base64 = String(content)
    .replace(/^data:[^,]*,/, '')
    .replace(/[-_]/g, (sign) => (sign === '-' ? '+' : '/'));
  const signs = base64.replace(/[=\s]+$/, '').replace(/\s+/g, '');
  return {
    name: typeof fileName === 'string' ? harmlessFileName(fileName) : '',
    type: typeof contentType === 'string' ? contentType.toLowerCase().slice(0, 80) : '',
    bytes: typeof fileSize === 'number' && fileSize >= 0 ? fileSize : Math.floor((signs.length * 3) / 4),
    base64,
    damaged: signs.length % 4 === 1 || !/^[\w+/]*$/.test(signs),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
