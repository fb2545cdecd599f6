// Rows that few conversations have, in a chunk of their own: steps of an agent's work, and handoffs.

export { renderHandoff } from './chat-handoff.ts';
export { renderProgress } from './chat-progress.ts';
export { chatRareRowsStyles as styles } from './chat-rare-rows-styles.ts';
