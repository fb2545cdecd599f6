import type { IncidentFeed, PendingAction } from '../client/incident-types.ts';
import { errorText } from './error-text.ts';
import { actionWords } from './feed-action-words.ts';
import { feedSays } from './feed-words.ts';
import type { Language } from './language.ts';

/** What is said of an action that the server does not have. */
export function pendingWords({ action, state, error, persisted }: PendingAction, language: Language): string {
  const words = language.words(feedSays);
  const names = language.words(actionWords);
  const what = names[action.kind];
  if (state === 'failed') return words.notDone({ reason: error ? errorText(error, language) : what });
  if (state === 'sending') return names[`${action.kind}Busy`];
  return (persisted ? words.queued : words.queuedUnsaved)({ what });
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
