// @ts-check
/** Only fields that every dialect of the server has; see "Fields" in the README. */
const FIELDS = 'id title severity state source createdAt updatedAt';

export const NEW_INCIDENTS = `subscription NewIncidents { newIncidents { ${FIELDS} } }`;

/** Tells which incident changed, not how: read it afterwards. Also the only operation with heartbeats. */
export const UPDATES = 'subscription Updates { incidentUpdates { updateType incidentId timestamp } }';

export const ONE = `query One($id: UUID!) { incident(id: $id) { ${FIELDS} } }`;

/** Newest first, whatever one asks for; pages are counted from 0. */
export const PAGE = `query Page($page: Int!) {
  incidents(pagination: { page: $page, pageSize: 100 }) { incidents { ${FIELDS} } pageInfo { hasNextPage } }
}`;

/** How far back a sample reads after each connect: 1,000 incidents. */
export const MOST_PAGES = 10;
