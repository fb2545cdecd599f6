import type { IncidentFeed, PendingAction } from '../client/incident-types.ts';
import { actionWords, words } from './feed-words.ts';

/** What is said of an action that the server does not have. */
export function pendingWords({ action, state, error, persisted }: PendingAction): string {
  const [name, underWay] = actionWords[action.kind];
  if (state === 'failed') return words.notDone(error?.message ?? name);
  if (state === 'sending') return underWay;
  return persisted ? words.queued(name) : `${words.queued(name)}, ${words.keepOpen}`;
}

/** The actions of each incident, those that failed last: of several, the last one is what a row has room for. */
export class PendingByIncident {
  #list: IncidentFeed['pending'] = [];
  #byId = new Map<string, PendingAction[]>();

  update(list: IncidentFeed['pending']): void {
    if (list === this.#list) return;
    this.#list = list;
    this.#byId = new Map();
    for (const failed of [false, true]) {
      for (const pending of list) {
        if ((pending.state === 'failed') !== failed) continue;
        const { id } = pending.action;
        this.#byId.set(id, [...(this.#byId.get(id) ?? []), pending]);
      }
    }
  }

  of(id: string): readonly PendingAction[] {
    return this.#byId.get(id) ?? [];
  }
}
