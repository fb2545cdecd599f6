/** Framing of SignalR's JSON protocol: JSON texts, each ended by the record separator. */

const RECORD_END = '\x1e';

/** Largest record a client may send, in bytes of UTF-8 with the separator. */
export const RECORD_LIMIT_BYTES = 32_768;

export class RecordTooLargeError extends Error {
  constructor() {
    super('A record is larger than the server accepts.');
    this.name = 'RecordTooLargeError';
  }
}

export function encodeRecord(record: object): string {
  return JSON.stringify(record) + RECORD_END;
}

/** Cuts what arrives into records; a record may be spread over socket messages, and one message may hold several. */
export class RecordReader {
  #rest = '';

  /** The records that `text` completes. Throws {@link RecordTooLargeError} for one over the limit, complete or not. */
  *read(text: string): Generator<string> {
    const parts = (this.#rest + text).split(RECORD_END);
    this.#rest = parts.pop() ?? '';
    for (const record of parts) {
      checkSize(record, 1);
      yield record;
    }
    checkSize(this.#rest, 0);
  }
}

function checkSize(record: string, separatorBytes: 0 | 1): void {
  if (Buffer.byteLength(record) + separatorBytes > RECORD_LIMIT_BYTES) throw new RecordTooLargeError();
}
