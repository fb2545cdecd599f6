import { noChange } from 'lit';
import { AsyncDirective } from 'lit/async-directive.js';
import { directive, type ElementPart } from 'lit/directive.js';
import { pictureSize } from './picture-size.ts';
import { bytesOf, type ReceivedFile } from './received-file.ts';

/** Larger files, and pictures of more pixels, are not decoded: the page may not have the memory. */
const BYTES = 5_000_000;
const PIXELS = 25_000_000;
/** Smaller pictures, as those that tell somebody of an opened mail, would be a stray dot. */
const LEAST = 8;
/** Longest side that is drawn, in pixels. */
const SIDE = 640;

/** Whether a preview of `file` may be drawn. No SVG: it is a document. */
export function isPicture({ type, bytes, base64, damaged }: ReceivedFile): boolean {
  return (
    /^image\/(png|jpe?g|gif|webp|avif)$/.test(type) &&
    !damaged &&
    bytes <= BYTES &&
    base64.length <= BYTES * 1.4
  );
}

/**
 * Draws a picture into a canvas when it comes into view. Not an `<img>`: many pages allow no pictures from `blob:` or
 * `data:`, and every attempt would be a line on their consoles. Of one that moves, the first frame; what cannot be decoded,
 * or is too small to be seen, stays hidden.
 */
class Picture extends AsyncDirective {
  #file: ReceivedFile | undefined;
  #canvas: HTMLCanvasElement | undefined;
  /** While it was not in view. */
  #watch: IntersectionObserver | undefined;

  override render(_file: ReceivedFile): unknown {
    return noChange;
  }

  override update({ element }: ElementPart, [file]: [ReceivedFile]): unknown {
    if (file === this.#file) return noChange;
    this.#file = file;
    this.#canvas = element as HTMLCanvasElement;
    this.#canvas.hidden = true;
    this.#look();
    return noChange;
  }

  protected override disconnected(): void {
    this.#watch?.disconnect();
  }

  protected override reconnected(): void {
    if (this.#watch) this.#look();
  }

  #look(): void {
    const canvas = this.#canvas;
    const file = this.#file;
    this.#watch?.disconnect();
    if (!canvas || !file) return;
    const watch = (this.#watch = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      watch.disconnect();
      this.#watch = undefined;
      void draw(canvas, file);
    }));
    // Drawn into what has left the page, it waits until that is back.
    if (this.isConnected) watch.observe(canvas.parentElement ?? canvas);
  }
}

/** Of a tag: `<div><canvas ${picture(file)}></canvas></div>`; the box around it is what comes into view. */
export const picture = directive(Picture);

async function draw(canvas: HTMLCanvasElement, file: ReceivedFile): Promise<void> {
  const bytes = bytesOf(file);
  const size = pictureSize(bytes);
  if (!size || Math.min(size.width, size.height) < LEAST || size.width * size.height > PIXELS) return;
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(new Blob([bytes], { type: file.type }));
  } catch {
    return; // No picture after all: the file is still there to be saved.
  }
  const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  canvas.hidden = false;
}
