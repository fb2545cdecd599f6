import { css, html, nothing, type TemplateResult } from 'lit';
import { recall, remember } from '../queue/visitor-memory.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { windowWords } from './window-words.ts';

/** Least size of a window in CSS pixels, and how much of the page stays in sight beside it. */
const LEAST = { width: 300, height: 320 };
const MARGIN = 16;
/** CSS pixels for a press of an arrow key; with Shift. */
const STEP = 16;
const LEAP = 80;

type Side = 'width' | 'height';
const SIDES: readonly Side[] = ['width', 'height'];
type Size = { [Name in Side]?: number };

/** The size that a visitor gives to the window of a bubble or panel, by its edges. Each display has its own. */
export class ChatResize {
  readonly #host: ChatViewHost;
  #element: HTMLElement | undefined;
  #display: string | undefined;
  #size: Size = {};

  constructor(host: ChatViewHost) {
    this.#host = host;
  }

  render(isBeside: boolean): unknown {
    const { resizable, shown, display, consentNeeded } = this.#host;
    if (!resizable || !shown || !isBeside || consentNeeded) return nothing;
    if (display !== 'bubble') return this.#renderEdge('width');
    return html`${this.#renderEdge('width')}${this.#renderEdge('height')}
      <div
        class="edge-handle both"
        aria-hidden="true"
        @pointerdown=${(event: PointerEvent) => this.#grab(event, SIDES)}
        @dblclick=${this.#reset}
      ></div>`;
  }

  /** To be called after each update of the host. */
  apply(element: HTMLElement | undefined, isFloating: boolean): void {
    const { display, resizable, consentNeeded } = this.#host;
    const wanted = resizable && isFloating && !consentNeeded ? display : undefined;
    if (element === this.#element && wanted === this.#display) return;
    this.#element = element;
    this.#display = wanted;
    this.#size = wanted ? parse(recall(this.#name)) : {};
    this.#show();
    if (wanted) this.#host.requestUpdate(); // the edges tell how large it is
  }

  get #name(): string {
    return `size:${this.#display}`;
  }

  #renderEdge(side: Side): TemplateResult {
    const words = this.#host.language.words(windowWords);
    const now = Math.round(this.#element?.getBoundingClientRect()[side] ?? LEAST[side]);
    return html`<div
      class="edge-handle ${side}"
      part="resize"
      role="separator"
      tabindex="0"
      aria-orientation=${side === 'width' ? 'vertical' : 'horizontal'}
      aria-controls="window"
      aria-label=${words[side]}
      aria-valuenow=${now}
      aria-valuemin=${LEAST[side]}
      aria-valuemax=${Math.max(now, this.#most(side))}
      aria-valuetext=${words.pixels({ count: now })}
      @pointerdown=${(event: PointerEvent) => this.#grab(event, [side])}
      @keydown=${(event: KeyboardEvent) => this.#press(event, side)}
      @dblclick=${this.#reset}
    ></div>`;
  }

  /** Away from the edge of the page that the window keeps to: which one, the layout says by where it puts the handle. */
  get #growsLeft(): boolean {
    const window = this.#element;
    const handle = window?.querySelector('.edge-handle.width');
    return !window || !handle || middleOf(handle) < middleOf(window);
  }

  #most(side: Side): number {
    const box = this.#element?.getBoundingClientRect();
    if (!box) return LEAST[side];
    const { clientWidth } = document.documentElement;
    const [gap, room] = this.#growsLeft
      ? [clientWidth - box.right, box.right]
      : [box.left, clientWidth - box.left];
    // As far from the other edges of the page as from its own.
    return Math.round((side === 'height' ? box.bottom : room) - Math.max(MARGIN, gap));
  }

  #set(side: Side, value: number): void {
    this.#size[side] = Math.round(Math.max(LEAST[side], Math.min(value, this.#most(side))));
    this.#show();
  }

  #show(): void {
    for (const side of SIDES) {
      const value = this.#size[side];
      if (value === undefined) this.#element?.style.removeProperty(`--_${side}`);
      else this.#element?.style.setProperty(`--_${side}`, `${value}px`);
    }
  }

  #grab(event: PointerEvent, sides: readonly Side[]): void {
    const element = this.#element;
    const handle = event.currentTarget;
    if (event.button !== 0 || !element || !(handle instanceof HTMLElement)) return;
    event.preventDefault(); // neither selects text nor scrolls
    const box = element.getBoundingClientRect();
    const growsLeft = this.#growsLeft;
    const before = { ...this.#size };
    const done = new AbortController();
    const { signal } = done;
    const { pointerId } = event;
    const end = () => {
      done.abort();
      this.#keep();
    };
    handle.setPointerCapture(pointerId);
    handle.addEventListener(
      'pointermove',
      ({ clientX, clientY }) => {
        if (sides.includes('width')) this.#set('width', growsLeft ? box.right - clientX : clientX - box.left);
        if (sides.includes('height')) this.#set('height', box.bottom - clientY);
      },
      { signal },
    );
    handle.addEventListener('pointerup', end, { signal });
    handle.addEventListener('lostpointercapture', end, { signal });
    window.addEventListener(
      'keydown',
      (press) => {
        if (press.key !== 'Escape') return;
        press.preventDefault(); // the window stays open
        this.#size = before;
        this.#show();
        end();
      },
      { signal, capture: true },
    );
  }

  #press(event: KeyboardEvent, side: Side): void {
    const now = this.#element?.getBoundingClientRect()[side];
    if (now === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = event.shiftKey ? LEAP : STEP;
    const outward = side === 'height' ? 'ArrowUp' : this.#growsLeft ? 'ArrowLeft' : 'ArrowRight';
    const inward = side === 'height' ? 'ArrowDown' : this.#growsLeft ? 'ArrowRight' : 'ArrowLeft';
    const values: Readonly<Record<string, number>> = {
      [outward]: now + step,
      [inward]: now - step,
      Home: LEAST[side],
      End: this.#most(side),
    };
    const value = values[event.key];
    if (event.key === 'Enter') this.#reset();
    else if (value === undefined) return;
    else {
      this.#set(side, value);
      this.#keep();
    }
    event.preventDefault();
  }

  #reset = () => {
    this.#size = {};
    this.#show();
    this.#keep();
  };

  #keep(): void {
    const { width, height } = this.#size;
    const isOwn = width !== undefined || height !== undefined;
    remember(this.#name, isOwn ? `${width ?? ''}x${height ?? ''}` : undefined);
    this.#host.requestUpdate();
  }
}

function middleOf(element: Element): number {
  const { left, right } = element.getBoundingClientRect();
  return (left + right) / 2;
}

/** `420x640`; a side that is missing has its default. */
function parse(text: string | undefined): Size {
  const [width, height] = (text ?? '').split('x').map((part) => Number.parseInt(part, 10));
  return { ...(width && width > 0 && { width }), ...(height && height > 0 && { height }) };
}

export const resizeStyles = css`
  @media (min-width: 480.1px) and (min-height: 460.1px) {
    .as-bubble {
      inline-size: min(var(--_width, 380px), 100vw - 2 * var(--_offset));
      block-size: min(
        var(--_height, 640px),
        100dvh - var(--_bottom) - var(--_launcher) - 12px - var(--_offset)
      );
    }

    .as-panel {
      inline-size: min(var(--_width, 420px), 100vw - 16px);
    }
  }

  .edge-handle {
    position: absolute;
    z-index: 3;
    touch-action: none;
  }

  .edge-handle::after {
    content: '';
    position: absolute;
    inset: 3px;
    border-radius: 2px;
    background: var(--_accent);
    opacity: 0;
    transition: opacity var(--_fast);
  }

  .edge-handle:is(:hover, :focus-visible, :active)::after {
    opacity: 1;
  }

  .edge-handle:focus-visible {
    outline-offset: -2px;
  }

  .edge-handle.width {
    inset-block: 0;
    inset-inline: 0 auto;
    inline-size: 9px;
    cursor: ew-resize;
  }

  .bottom-start > .edge-handle.width {
    inset-inline: auto 0;
  }

  .edge-handle.height {
    inset-block: 0 auto;
    inset-inline: 0;
    block-size: 9px;
    cursor: ns-resize;
  }

  .edge-handle.both {
    inset-block: 0 auto;
    inset-inline: 0 auto;
    inline-size: 18px;
    block-size: 18px;
    cursor: move;
  }

  .edge-handle.both::after {
    content: none;
  }

  .bottom-start > .edge-handle.both {
    inset-inline: auto 0;
  }

  @media (pointer: coarse) {
    .edge-handle.width {
      inline-size: 16px;
    }

    .edge-handle.height {
      block-size: 16px;
    }
  }
`;
