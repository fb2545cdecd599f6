import { html, nothing } from 'lit';
import { renderFields } from './chat-data.ts';
import { actionsOf, actionsState, renderActions, renderLink } from './data-actions.ts';
import type { DataContext } from './data-context.ts';
import { dataKindsWords } from './data-kinds-words.ts';
import { isFields, pick, pickList, pickText, type Fields } from './data-values.ts';
import { allowedImage, originsOf } from './image-origins.ts';
import { safeUrl } from './markdown-links.ts';

/** `{ title, subtitle?, image?, imageAlt?, text?, fields?, actions? }`: one thing, with what can be done about it. */
export function drawCard(context: DataContext): unknown {
  const { data } = context;
  const title = pickText(data, 'title', 'heading', 'name');
  if (title === undefined) return undefined;
  const state = context.keep(() => ({ ...actionsState(), imageBroken: false }));
  const subtitle = pickText(data, 'subtitle', 'subTitle');
  const text = pickText(data, 'text', 'description', 'body');
  return html`<div class="data-card" part="card">
    ${drawImage(context, title, state)}
    <div class="card-title" dir="auto">${title}</div>
    ${subtitle ? html`<div class="card-subtitle" dir="auto">${subtitle}</div>` : nothing}
    ${text ? html`<div class="plain" dir="auto">${text}</div>` : nothing}
    ${renderFields(fieldsOf(data), context.language) ?? nothing}
    ${renderActions(actionsOf(pickList(data, 'actions', 'buttons')), state, context)}
  </div>`;
}

/** The picture, or a link to it where the page has not allowed its origin or it cannot be had. */
function drawImage(context: DataContext, title: string, state: { imageBroken: boolean }): unknown {
  const { data, host, language } = context;
  const image = pick(data, 'image', 'imageUrl', 'image_url', 'thumbnail');
  const address = isFields(image) ? pickText(image, 'url', 'src') : image;
  if (typeof address !== 'string') return nothing;
  const alt = (isFields(image) && pickText(image, 'alt')) || pickText(data, 'imageAlt', 'alt') || title;
  const allowed = state.imageBroken ? undefined : allowedImage(address, originsOf(host.imageOrigins));
  if (allowed) {
    return html`<img
      class="card-image"
      src=${allowed.href}
      alt=${alt}
      loading="lazy"
      decoding="async"
      referrerpolicy="no-referrer"
      @error=${() => {
        state.imageBroken = true;
        context.update();
      }}
    />`;
  }
  const url = safeUrl(address);
  if (!url?.host) return nothing;
  const label = language.words(dataKindsWords).picture({ host: url.host });
  return html`<div>${renderLink({ label }, url.href, context, 'data-link')}</div>`;
}

/** Fields by name, or a list of pairs as other cards have them: `[{ label, value }]`. */
function fieldsOf(data: Fields): Fields {
  const fields = pick(data, 'fields', 'facts');
  if (isFields(fields)) return fields;
  const pairs = pickList(data, 'fields', 'facts').flatMap((pair): [string, unknown][] => {
    const name = isFields(pair) ? pickText(pair, 'label', 'title', 'name', 'key') : undefined;
    return name === undefined ? [] : [[name, pick(pair as Fields, 'value', 'text')]];
  });
  return Object.fromEntries(pairs);
}
