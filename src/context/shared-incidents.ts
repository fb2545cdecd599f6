import type { IncidentClient, IncidentClientOptions } from '../client/incident-types.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { type ConnectionAttributes, readAddress, resolveAddress } from './connection-options.ts';
import { idOf } from './connection-key.ts';
import { acquire, type SharedResource } from './shared-resource.ts';

/**
 * The incident client that an element's own attributes describe: the same one for the same address, person and source of
 * tokens. Retain it in the same task.
 *
 * @throws {RealtimeError} `input`, in words for the author of the page, for what cannot work.
 */
export function acquireIncidents(attributes: ConnectionAttributes): SharedResource<IncidentClient> {
  const options = incidentOptions(attributes);
  const { incidentsUrl, participantId, tokenUrl, getToken } = options;
  const key = JSON.stringify([
    'incidents',
    incidentsUrl,
    participantId,
    tokenUrl,
    getToken && idOf(getToken),
  ]);
  return acquire(key, async () => {
    const { createIncidentClient } = await import('../client/incident-client.ts');
    return () => createIncidentClient(options);
  });
}

function incidentOptions(attributes: ConnectionAttributes): IncidentClientOptions {
  const { tokenUrl, getToken } = attributes;
  if (tokenUrl && getToken) {
    throw new RealtimeError('input', 'Give one credential only: token-url or getToken.');
  }
  const participantId = attributes.participantId?.trim();
  return {
    incidentsUrl: readAddress('incidentsUrl', attributes.incidentsUrl),
    ...(participantId && { participantId }),
    ...(tokenUrl && { tokenUrl: resolveAddress('tokenUrl', tokenUrl).href }),
    ...(getToken && { getToken }),
  };
}
