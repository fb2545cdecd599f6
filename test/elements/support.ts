import { expect } from '@open-wc/testing';
import { html, type LitElement, type TemplateResult } from 'lit';
import type { TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

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

/** Has axe look at `element` once nothing fades in or out any more: colours on the way have other contrasts. */
export async function expectAccessible(element: LitElement): Promise<void> {
  await waitFor(
    () =>
      (element.renderRoot as ShadowRoot)
        .getAnimations()
        .every(
          ({ effect, playState }) => playState !== 'running' || effect?.getTiming().iterations === Infinity,
        ),
    'it stands still',
  );
  await expect(element).to.be.accessible();
}
