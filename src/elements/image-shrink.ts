/** Width and height in pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** A picture that was made smaller. */
export interface ShrunkPicture {
  readonly blob: Blob;
  readonly before: PictureSize;
  readonly after: PictureSize;
}

/** Longest side that is tried first, in pixels, and the least that is worth looking at. */
const FIRST_SIDE = 2_048;
const LEAST_SIDE = 300;
/** From one try to the next. Where a picture is far too large the step is longer, but not so long that it must fit then. */
const STEP = 0.85;
const HOPE = 1.2;
/** The worst quality that is worth its size, and better ones that are tried once the picture fits. */
const LEAST_QUALITY = 0.5;
const BETTER_QUALITIES = [0.85, 0.7];
/** Not every browser can write the first; which one it wrote is seen from the result. */
const TYPES = ['image/webp', 'image/jpeg'];

/**
 * Draws `file` smaller until it has at most `bytes`: with as many pixels as fit, then as good as fits. Turned as its
 * camera says; of a moving picture the first one; without what else the file tells, such as the place. `undefined` when
 * even the smallest is too large. Rejects when the browser cannot show it.
 */
export async function shrinkImage(file: Blob, bytes: number): Promise<ShrunkPicture | undefined> {
  const picture = await createImageBitmap(file);
  try {
    const before = { width: picture.width, height: picture.height };
    const longest = Math.max(before.width, before.height);
    for (let side = Math.min(longest, FIRST_SIDE); side >= Math.min(longest, LEAST_SIDE);) {
      const after = scaled(before, side / longest);
      const canvas = draw(picture, after);
      let blob = await encode(canvas, LEAST_QUALITY);
      if (blob.size > bytes) {
        side *= Math.min(STEP, Math.sqrt(bytes / blob.size) * HOPE);
        continue;
      }
      for (const quality of BETTER_QUALITIES) {
        const better = await encode(canvas, quality);
        if (better.size > bytes) continue;
        blob = better;
        break;
      }
      return { blob, before, after };
    }
    return undefined;
  } finally {
    picture.close();
  }
}

/** A small square picture of `file`, drawn and not loaded, so that no policy of the page forbids it. Rejects like {@link shrinkImage}. */
export async function drawThumbnail(file: Blob, side: number): Promise<HTMLCanvasElement> {
  const picture = await createImageBitmap(file);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side * Math.min(3, Math.ceil(devicePixelRatio));
  const { width, height } = picture;
  const cut = Math.min(width, height);
  const context = canvas.getContext('2d');
  if (context) context.imageSmoothingQuality = 'high';
  context?.drawImage(
    picture,
    (width - cut) / 2,
    (height - cut) / 2,
    cut,
    cut,
    0,
    0,
    canvas.width,
    canvas.height,
  );
  picture.close();
  return canvas;
}

function scaled({ width, height }: PictureSize, factor: number): PictureSize {
  return {
    width: Math.max(1, Math.round(width * factor)),
    height: Math.max(1, Math.round(height * factor)),
  };
}

function draw(picture: ImageBitmap, { width, height }: PictureSize): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('There is no room to draw a picture.');
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, width, height);
  return canvas;
}

async function encode(canvas: OffscreenCanvas, quality: number): Promise<Blob> {
  for (const type of TYPES) {
    if (type === 'image/jpeg') whiten(canvas);
    const blob = await canvas.convertToBlob({ type, quality });
    if (blob.type === type) return blob;
  }
  throw new Error('The browser cannot write pictures.');
}

/** JPEG has no transparency and would make it black. */
function whiten(canvas: OffscreenCanvas): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = 'white';
  context.fillRect(0, 0, canvas.width, canvas.height);
}
