/** C0 and C1 controls, line and paragraph separators: in one line all of them are a space. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
/** The same but tab and line ends. */
const INNER_CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]+/g;
/** Embeddings, overrides and isolates: they could turn around what stands beside them. The marks for single characters stay. */
const DIRECTIONS = /[\u202a-\u202e\u2066-\u2069]+/g;

/** `value` as one line without characters that steer a display, cut to `limit`; `''` for what is not text. */
export function oneLine(value: unknown, limit: number): string {
  if (typeof value !== 'string') return '';
  // Cut first: the patterns must not walk through megabytes.
  return cut(value, limit).replace(DIRECTIONS, '').replace(CONTROLS, ' ').trim();
}

/** `value` with its line ends, cut to `limit`; `''` for what is not text. */
export function manyLines(value: unknown, limit: number): string {
  return typeof value === 'string' ? cut(value, limit).replace(INNER_CONTROLS, '') : '';
}

/** At most `limit` UTF-16 units, with an ellipsis in place of the rest. Half a character is never left. */
function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '') + '…';
}
