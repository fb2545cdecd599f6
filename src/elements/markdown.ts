// Messages written in Markdown, in a chunk of its own.

export { renderMarkdown } from './markdown-blocks.ts';
export type { MarkdownPorts } from './markdown-ports.ts';
export { markdownStyles as styles } from './markdown-styles.ts';
export { RichText } from './rich-text.ts';
