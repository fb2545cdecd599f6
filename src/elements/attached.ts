import type { ReactiveElement } from 'lit';
import { RealtimeError } from '../protocol/errors.ts';

/**
 * Resolves when `element` has taken what was set on it just before. Rejects with `input` outside a document, where an
 * element takes nothing and such a wait would never end.
 */
export async function attached(element: ReactiveElement): Promise<void> {
  if (!element.isConnected) {
    throw new RealtimeError('input', 'Put the element into the document before you call its methods.');
  }
  await element.updateComplete;
}
