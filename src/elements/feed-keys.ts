/** What a key asks for while focus is in the list. */
export type FeedCommand =
  | 'next'
  | 'previous'
  | 'first'
  | 'last'
  | 'page-down'
  | 'page-up'
  | 'toggle'
  | 'close'
  | 'acknowledge'
  | 'resolve'
  | 'escalate'
  | 'comment'
  | 'filter'
  | 'pause'
  | 'help';

const KEYS: Readonly<Record<string, FeedCommand>> = {
  j: 'next',
  ArrowDown: 'next',
  k: 'previous',
  ArrowUp: 'previous',
  Home: 'first',
  End: 'last',
  PageDown: 'page-down',
  PageUp: 'page-up',
  Enter: 'toggle',
  Escape: 'close',
  a: 'acknowledge',
  r: 'resolve',
  e: 'escalate',
  c: 'comment',
  '/': 'filter',
  p: 'pause',
  '?': 'help',
};
/** Where keys are for writing and choosing. */
const FIELDS = 'input, textarea, select, [contenteditable]';
/** What has a use of its own for Enter. */
const CONTROLS = 'button, a, summary';

/**
 * What `event`, of a key pressed inside the list, asks for. Single letters count only there, so that they get in nobody's
 * way elsewhere (WCAG 2.1.4).
 */
export function commandOf(event: KeyboardEvent): FeedCommand | undefined {
  const { key, ctrlKey, metaKey, altKey, isComposing, defaultPrevented } = event;
  if (ctrlKey || metaKey || altKey || isComposing || defaultPrevented) return undefined;
  const [target] = event.composedPath();
  if (!(target instanceof Element) || target.closest(FIELDS)) return undefined;
  const command = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
  return command === 'toggle' && target.closest(CONTROLS) ? undefined : command;
}
