import jsQR from 'jsqr';

const SCREEN_TRIES = 40;
const BETWEEN_TRIES_MS = 250;
/** Beyond it, reading takes seconds and finds nothing more. */
const MAX_SIDE = 2_000;

/** Reads the QR code in a picture. Rejects with a sentence when there is none. */
export async function fromImage(picture: Blob): Promise<string> {
  const bitmap = await createImageBitmap(picture).catch(() => {
    throw new Error('This file is not a picture that the browser can show.');
  });
  const found = read(bitmap, bitmap.width, bitmap.height);
  bitmap.close();
  if (!found) throw new Error('There is no QR code in this picture.');
  return found;
}

/** Reads a picture or a text from the clipboard; the browser asks for permission. */
export async function fromClipboard(): Promise<string> {
  const items = await navigator.clipboard.read().catch(() => {
    throw new Error('The browser did not give the clipboard. Paste with the keyboard instead.');
  });
  for (const item of items) {
    const type = item.types.find((one) => one.startsWith('image/'));
    if (type) return fromImage(await item.getType(type));
    if (item.types.includes('text/plain')) return (await (await item.getType('text/plain')).text()).trim();
  }
  throw new Error('There is neither a picture nor a text in the clipboard.');
}

/** Looks at a screen, window or tab that the person chooses, until a QR code is on it. */
export async function fromScreen(): Promise<string> {
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: true }).catch(() => {
    throw new Error('No screen was shared.');
  });
  try {
    const video = document.createElement('video');
    video.srcObject = stream;
    video.muted = true;
    await video.play();
    for (let attempt = 0; attempt < SCREEN_TRIES && stream.active; attempt += 1) {
      const found = read(video, video.videoWidth, video.videoHeight);
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_TRIES_MS));
    }
    throw new Error('There was no QR code on the shared screen.');
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}

function read(source: CanvasImageSource, width: number, height: number): string | undefined {
  if (width === 0 || height === 0) return undefined;
  const scale = Math.min(1, MAX_SIDE / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return undefined;
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return jsQR(data, canvas.width, canvas.height)?.data || undefined;
}
