import type { Ffmpeg } from './find-ffmpeg.js';
import { runFfmpeg } from './run-ffmpeg.js';

/** What a film or a sound is, as far as ffmpeg tells. */
export interface Examined {
  durationSeconds: number | null;
  video: { codec: string; widthPx: number; heightPx: number } | null;
  audio: { codec: string; isMono: boolean } | null;
}

const EXAMINE_MS = 30_000;

/** Looks at a file without decoding it. Reads ffmpeg's own words: ffprobe is not there where only ffmpeg is. */
export async function examine(
  ffmpeg: Ffmpeg,
  input: { path: string; mimeType: string },
  signal?: AbortSignal,
): Promise<Examined> {
  return readExamined(await runFfmpeg(ffmpeg, { input, output: [], timeoutMs: EXAMINE_MS, signal, mayFail: true }));
}

export function readExamined(said: string): Examined {
  const time = /Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)/.exec(said);
  const [, videoCodec, width, height] = /Stream #\S+.*?: Video: (\w+).*?[ ,](\d{1,5})x(\d{1,5})[ ,\n]/.exec(said) ?? [];
  const audio = /Stream #\S+.*?: Audio: (\w+)(.*)/.exec(said);
  // Phones film upright by turning the picture.
  const isTurned = /rotat(?:e|ion)\D*?-?(?:90|270)(?:\.0+)?\b/.test(said);
  const [widthPx, heightPx] = isTurned ? [Number(height), Number(width)] : [Number(width), Number(height)];
  return {
    durationSeconds: time ? Number(time[1]) * 3600 + Number(time[2]) * 60 + Number(time[3]) : null,
    video: videoCodec ? { codec: videoCodec, widthPx, heightPx } : null,
    audio: audio ? { codec: audio[1]!, isMono: /\bmono\b/.test(audio[2]!) } : null,
  };
}
