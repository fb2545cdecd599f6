// @ts-check
/**
 * @typedef {object} Incident
 * @property {string} id
 * @property {string} title
 * @property {string} severity
 * @property {string} state
 * @property {string} source
 * @property {string} createdAt
 * @property {string} updatedAt
 */

/**
 * What is known, once each. The same incident comes by several ways, more than once and in any order: the newest
 * `updatedAt` wins. A program that runs for months would forget those that are done.
 */
export class IncidentList {
  /** @type {Map<string, Incident>} */
  #known = new Map();

  get size() {
    return this.#known.size;
  }

  /**
   * Whether `incident` was news.
   * @param {Incident} incident
   */
  merge(incident) {
    const known = this.#known.get(incident.id);
    // As instants: one part of the server writes `Z`, the other `+00:00`, with as many digits as it likes.
    const isOlder = known && Date.parse(incident.updatedAt) < Date.parse(known.updatedAt);
    if (isOlder || (known && isSame(known, incident))) return false;
    this.#known.set(incident.id, incident);
    return true;
  }
}

/**
 * @param {Incident} one
 * @param {Incident} other
 */
function isSame(one, other) {
  return (
    one.title === other.title &&
    one.severity === other.severity &&
    one.state === other.state &&
    Date.parse(one.updatedAt) === Date.parse(other.updatedAt)
  );
}
