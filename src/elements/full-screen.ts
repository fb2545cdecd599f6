/** When a bubble or a panel covers the screen; the opposite of the query in `chat-frame-styles.ts`. */
export const FULL_SCREEN = 'not ((min-width: 480.1px) and (min-height: 460.1px))';
