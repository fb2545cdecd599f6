import { html, type TemplateResult } from 'lit';
import type { TestServer } from '../support/server.ts';

/** The development server's key for the tenant `acme`. */
export const API_KEY = 'sk-Xnai-dev';
export const WORKFLOW = 'Support Agent:Chat Flow';

let visitors = 0;

/** A participant that no other test uses, so that no test meets the client of another. */
export function newVisitor(): string {
  return `visitor-${++visitors}@example.com`;
}

/** `content` inside a provider for `visitor` on `server`. */
export function provided(
  server: TestServer,
  content: TemplateResult,
  visitor = newVisitor(),
): TemplateResult {
  return html`<xians-provider
    server-url=${server.url}
    tenant-id="acme"
    participant-id=${visitor}
    api-key=${API_KEY}
    >${content}</xians-provider
  >`;
}
