/** The rows of those that draw a window of a long list by hand. */
export const ROW_HEIGHT = 48;
export const KEPT = 10_000;

export const STYLE = `
  body { margin: 0; font: 14px/1.4 sans-serif; }
  #list { height: 100vh; overflow: auto; position: relative; }
  .row { box-sizing: border-box; height: ${ROW_HEIGHT}px; padding: 4px 12px; border-bottom: 1px solid #ddd;
    display: grid; grid-template-columns: 40px 1fr 120px 140px 90px; gap: 8px; align-items: center; }
  .row > * { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
`;

export const FIELDS = 'id title severity state source createdAt updatedAt';
export const NEW = `subscription NewIncidents { newIncidents { ${FIELDS} } }`;
export const UPDATES = 'subscription Updates { incidentUpdates { updateType incidentId timestamp } }';
export const ONE = `query One($id: UUID!) { incident(id: $id) { ${FIELDS} } }`;
export const PAGE = `query Page($page: Int!) {
  incidents(pagination: { page: $page, pageSize: 100 }) { incidents { ${FIELDS} } pageInfo { hasNextPage } }
}`;
