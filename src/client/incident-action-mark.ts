import { accountName, findWaitingMark } from '../queue/waiting-mark.ts';
import type { Environment } from './environment.ts';

/** In the place of a tenant, where no tenant can be: what one person does about the incidents of one server. */
const TENANT = '#incidents';

/** The name under which the actions of `participantId` are kept; `''` where nobody signs in. */
export function actionsAccount(incidentsUrl: string, participantId: string): string {
  return accountName(incidentsUrl, TENANT, participantId);
}

/**
 * Whether actions of an earlier page, or of another tab, are kept on this device: they wait, or failed and nobody has
 * looked at them. Told without loading what sends them. Without `participantId`: of anybody.
 */
export function keepsActions(
  { localStorage }: Pick<Environment, 'localStorage'>,
  incidentsUrl: string,
  participantId?: string,
): boolean {
  return localStorage !== undefined && findWaitingMark(localStorage, incidentsUrl, TENANT, participantId);
}
