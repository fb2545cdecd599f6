/** What a link to an incident in the page itself ends with. */
export function incidentHash(id: string): string {
  return `#incident=${encodeURIComponent(id)}`;
}
