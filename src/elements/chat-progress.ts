import { html, nothing, svg, type TemplateResult } from 'lit';
import type { RealtimeError } from '../protocol/errors.ts';
import type { RowContext } from './chat-message.ts';
import { progressWords } from './chat-progress-words.ts';
import { type Step, stepOf } from './chat-step.ts';
import { elapsed } from './elapsed.ts';
import { XiansErrorEvent } from './events.ts';
import { drawing, icon } from './icons.ts';
import { shortDuration } from './short-duration.ts';
import { redactSteps } from './step-redactor.ts';
import type { ProgressItem } from './transcript.ts';

/** So many steps show, the last ones, until the reader asks for all. */
const SHOWN = 50;
/** Of longer texts this much shows, and all of it among the details. In UTF-16 units. */
const TEXT = 1_000;
/** Longest details of one step. */
const DETAILS = 20_000;
/** Shorter steps are not worth their time. */
const WORTH_MS = 100;

const thought = svg`<path d="M9.5 20h5M10 17c0-2.5-3.5-3.5-3.5-7.5a5.5 5.5 0 0 1 11 0C17.5 13.5 14 14.5 14 17z" />`;
const wrench = svg`<path d="M20 7.5a5 5 0 0 1-6.6 4.7L6.9 18.7a1.9 1.9 0 0 1-2.7-2.7l6.5-6.5A5 5 0 0 1 15.5 3l-2.8 2.9 2.4 2.4L18 5.4A5 5 0 0 1 20 7.5z" />`;

/**
 * What the agent did for one request, folded: what it is doing now and for how long; afterwards how long it took. Its
 * steps are drawn when it is opened.
 */
export function renderProgress(item: ProgressItem, context: RowContext): TemplateResult | typeof nothing {
  const { key, live, startedAt, endedAt } = item;
  const { host, language, expanded } = context;
  const seen = redactSteps(item.steps, host.redactStep, (error) => report(host, error));
  if (seen.length === 0 && !live) return nothing;
  const words = language.words(progressWords);
  const steps = seen.map((step, index) => stepOf(step, seen[index + 1]?.createdAt ?? endedAt));
  const failed = steps.filter(({ failed }) => failed).length;
  const took = endedAt === undefined ? 0 : endedAt - startedAt;
  const count = steps.length;
  const done =
    endedAt === undefined
      ? words.unfinished({ count })
      : took < WORTH_MS
        ? words.worked({ count })
        : words.workedFor({ count, duration: shortDuration(took, language.tag) });
  return html`<details
    class="progress ${live ? 'live' : ''}"
    part="progress"
    @toggle=${(event: Event) => isOpen(event) && context.expand(`${key}/open`)}
  >
    <summary>
      ${icon('chevron')}${live ? renderNow(steps.at(-1), context) : html`<span>${done}</span>`}${
        failed > 0
          ? html`<span class="failures">${icon('alert')}${words.failed({ count: failed })}</span>`
          : nothing
      }
    </summary>
    ${expanded.has(`${key}/open`) ? renderSteps(steps, key, context) : nothing}
  </details>`;
}

function renderNow(step: Step | undefined, { language, waitingSince }: RowContext): TemplateResult {
  const words = language.words(progressWords);
  const doing = !step?.isTool
    ? words.thinking
    : step.tool
      ? words.usingTool({ tool: step.tool })
      : words.usingSomeTool;
  return html`<bdi class="now">${step?.text.slice(0, TEXT) || doing}</bdi> ${
      waitingSince === undefined
        ? nothing
        : html`<span class="took" aria-hidden="true">${elapsed(waitingSince, language.tag)}</span>`
    }`;
}

function renderSteps(steps: readonly Step[], key: string, context: RowContext): TemplateResult {
  const { language, expanded } = context;
  const all = `${key}/all`;
  const from = expanded.has(all) ? 0 : Math.max(0, steps.length - SHOWN);
  return html`${
      from > 0
        ? html`<button type="button" class="link all" @click=${() => context.expand(all)}>
            ${language.words(progressWords).showAll({ count: steps.length })}
          </button>`
        : nothing
    }
    <ol start=${from + 1}>
      ${steps.slice(from).map((step) => renderStep(step, `${key}/${step.message.id}`, context))}
    </ol>`;
}

function renderStep(step: Step, key: string, context: RowContext): TemplateResult {
  const { language, expanded } = context;
  const words = language.words(progressWords);
  const { isTool, tool, text, failed, ms, data } = step;
  const kind = !isTool ? words.thought : tool ? words.toolNamed({ tool }) : words.tool;
  return html`<li class=${failed ? 'failed' : ''}>
    <div class="did">
      ${drawing(isTool ? wrench : thought)}<span class="kind">${kind}</span>
      ${failed ? html`<span class="failures">${icon('alert')}${words.stepFailed}</span>` : nothing}
      ${ms !== undefined && ms >= WORTH_MS ? html`<span class="took">${shortDuration(ms, language.tag)}</span>` : nothing}
    </div>
    ${text ? html`<div class="plain" dir="auto">${cut(text, TEXT)}</div>` : nothing}
    ${
      data !== undefined || text.length > TEXT
        ? html`<details class="data" @toggle=${(event: Event) => isOpen(event) && context.expand(key)}>
            <summary>${icon('chevron')}${words.details}</summary>
            ${expanded.has(key) ? renderDetails(step, context) : nothing}
          </details>`
        : nothing
    }
  </li>`;
}

function renderDetails({ text, data }: Step, { language }: RowContext): TemplateResult {
  const whole =
    text.length > TEXT ? html`<div class="plain" dir="auto">${cut(text, DETAILS)}</div>` : nothing;
  if (data === undefined) return html`${whole}`;
  const json = typeof data === 'string' ? data : JSON.stringify(data, undefined, 2);
  return html`${whole}
    <pre class="json" dir="ltr" tabindex="0" role="group" aria-label=${language.words(progressWords).data}>
${cut(json, DETAILS)}</pre>`;
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** Not of details inside of these: their events do not bubble. */
function isOpen({ currentTarget }: Event): boolean {
  return (currentTarget as HTMLDetailsElement).open;
}

/** Not while rows are drawn: listeners of the page may change what is. */
function report(host: EventTarget, error: RealtimeError): void {
  queueMicrotask(() => host.dispatchEvent(new XiansErrorEvent(error)));
}
