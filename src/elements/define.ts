import { attachContextRoot } from '../context/client-context.ts';
import { ConnectionStatusElement } from './connection-status.ts';
import { IncidentFeedElement } from './incident-feed.ts';
import { XiansChat } from './xians-chat.ts';
import { XiansProvider } from './xians-provider.ts';

const TAGS = {
  'xians-provider': XiansProvider,
  'xians-chat': XiansChat,
  'connection-status': ConnectionStatusElement,
  'incident-feed': IncidentFeedElement,
};

const WARNED = Symbol.for('xians-widgets-loaded-twice');

/**
 * Defines the tags of this library, except those that another copy of it has defined already; that is said once on the
 * console. Does nothing where there are no custom elements, such as on a server.
 */
export function defineElements(scope: typeof globalThis & { [WARNED]?: true } = globalThis): void {
  if (typeof document === 'undefined' || !scope.customElements) return;
  attachContextRoot();
  const taken = Object.entries(TAGS).filter(([tag, element]) => {
    const known = scope.customElements.get(tag);
    if (!known) scope.customElements.define(tag, element);
    return known && known !== element;
  });
  if (taken.length > 0 && !scope[WARNED]) {
    scope[WARNED] = true;
    console.warn('xians-widgets is on this page more than once. The copy that was loaded first is used.');
  }
}
