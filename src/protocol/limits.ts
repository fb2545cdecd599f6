/** Sizes and times the real server imposes. Bytes are UTF-8 unless said otherwise. */

/** Largest client-to-server hub record, terminator included; a larger one closes the connection. */
export const HUB_RECORD_BYTES = 32_768;
/** Longest HTTP request line: method, path, query and version, percent-encoded. */
export const REQUEST_LINE_BYTES = 8_192;
/** Largest REST body. */
export const REST_BODY_BYTES = 31_457_280;
/** History pages: the hub refuses other sizes, REST refuses those below 1. */
export const HISTORY_PAGE_MIN = 2;
export const HISTORY_PAGE_MAX = 1_000;
/** Seconds that `converse` may wait. */
export const CONVERSE_SECONDS_MAX = 600;
/** Server and client give each other up after this silence on the hub. */
export const HUB_SILENCE_MS = 30_000;
export const HUB_PING_MS = 15_000;

const encoder = new TextEncoder();

/** Length of `text` in UTF-8 bytes. */
export function utf8Length(text: string): number {
  return encoder.encode(text).length;
}
