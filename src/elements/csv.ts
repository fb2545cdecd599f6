/** A number as spreadsheets read it, which may begin with a sign. */
const NUMBER = /^[+-]?\d+(?:[.,]\d+)*%?$/;

/**
 * Rows as CSV (RFC 4180: commas, CRLF, quotes where needed). `null` and `undefined` are empty fields. A text that
 * spreadsheets would take for a formula gets an apostrophe in front, which they do not show.
 */
export function toCsv(rows: readonly (readonly unknown[])[]): string {
  return rows.map((row) => row.map(field).join(',')).join('\r\n');
}

function field(value: unknown): string {
  const text = isPlain(value) ? String(value ?? '') : JSON.stringify(value);
  const harmless = /^[=+\-@\t\r]/.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function isPlain(value: unknown): value is string | number | boolean | null | undefined {
  return typeof value !== 'object' || value === null;
}
