import { css } from 'lit';
import type { DataContext } from './data-context.ts';

export const styles = css``;

/** Draws a message of `kind`; `undefined` for data without its shape. */
export function draw(_kind: string, _context: DataContext): unknown {
  return undefined;
}
