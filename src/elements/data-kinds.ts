// What only some conversations show, in a chunk of its own: cards, lists, tables, buttons and approvals.

import { drawApproval } from './data-approval.ts';
import { drawButtons, drawSuggestions } from './data-buttons.ts';
import { drawCard } from './data-card.ts';
import type { DataContext } from './data-context.ts';
import { drawList } from './data-list.ts';
import { drawTable } from './data-table.ts';

export { dataKindsStyles as styles } from './data-kinds-styles.ts';

const KINDS: Readonly<Record<string, (context: DataContext) => unknown>> = {
  card: drawCard,
  list: drawList,
  table: drawTable,
  buttons: drawButtons,
  quickreplies: drawButtons,
  suggestions: drawSuggestions,
  approval: drawApproval,
};

/** Draws a message of `kind`; `undefined` for data without its shape. */
export function draw(kind: string, context: DataContext): unknown {
  return KINDS[kind]?.(context);
}
