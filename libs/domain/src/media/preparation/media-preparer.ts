import sharp from 'sharp';
import { errors } from '#contracts';
import { type Ffmpeg, findFfmpeg } from '../ffmpeg/find-ffmpeg.js';
import { TooManyWaiting, WorkSlots } from '../work-slots.js';
import { prepareAudio, prepareVoice } from './prepare-audio.js';
import { isReadablePicture, prepareImage, readingPicture } from './prepare-image.js';
import { prepareSticker } from './prepare-sticker.js';
import { frameOf, prepareGif, prepareRoundVideo, prepareVideo } from './prepare-video.js';
import type { MediaConversions, MediaForm, PreparedMedia, ScratchFile } from './prepared-media.js';
import { reduced } from './thumbnail.js';

/** Pieces of work that wait for each one under way; who comes then is told to come back. */
const WAITING_EACH = 16;
/** Edge of the pictures that lists show, pixels. */
const LIST_EDGE_PX = 320;

const soundContainers = new Set(['video/mp4', 'video/webm', 'video/ogg', 'video/matroska', 'application/ogg']);

/**
 * Makes of a file what WhatsApp shows as the wanted form, with what phones show before it is loaded. Runs where messages
 * are accepted, never in the engine: pictures are worked on by threads, films and sound by a program of their own, a
 * bounded number of them at a time.
 */
export class MediaPreparer {
  private readonly slots: WorkSlots;

  private constructor(
    private readonly ffmpeg: Ffmpeg | null,
    atOnce: number,
  ) {
    this.slots = new WorkSlots({ atOnce, mostWaiting: atOnce * WAITING_EACH });
    // One picture at a time is one thread; it keeps no decoded pictures for later.
    sharp.concurrency(1);
    sharp.cache(false);
  }

  static async open(options: { ffmpegPath?: string; atOnce: number }): Promise<MediaPreparer> {
    return new MediaPreparer(await findFfmpeg(options.ffmpegPath), options.atOnce);
  }

  get conversions(): MediaConversions {
    const { ffmpeg } = this;
    const has = ffmpeg !== null;
    return {
      ffmpeg: ffmpeg && { version: ffmpeg.version, from: ffmpeg.from },
      voice: has,
      gif: has,
      roundVideo: has,
      video: has,
      sticker: true,
    };
  }

  /** Whether it could make the form of a file of this type; documents are taken as they are and never come here. */
  takes(form: MediaForm, mimeType: string): boolean {
    const isPicture = isReadablePicture(mimeType);
    const type = mimeType.split(';')[0]!;
    switch (form) {
      case 'image':
      case 'sticker':
        return isPicture;
      case 'gif':
        return type === 'image/gif' || type === 'image/webp' || type.startsWith('video/');
      case 'video':
      case 'round_video':
        return type.startsWith('video/');
      case 'audio':
      case 'voice':
        // What browsers and phones record names itself a film also when there is only sound in it.
        return type.startsWith('audio/') || (this.ffmpeg !== null && soundContainers.has(type));
      case 'document':
        return true;
    }
  }

  /**
   * @param folder where new files may be written; it and everything in it is the caller's
   * @throws errors.mediaUnreadable, mediaTypeInvalid, mediaConversionUnavailable (no ffmpeg), overloaded
   */
  async prepare(form: MediaForm, file: ScratchFile, folder: string, signal?: AbortSignal): Promise<PreparedMedia> {
    return this.inTurn(() => {
      signal?.throwIfAborted();
      return this.work(form, file, folder, signal);
    });
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.slots.run(work);
    } catch (failure) {
      if (!(failure instanceof TooManyWaiting)) throw failure;
      throw errors.overloaded({ message: 'Too much media is being prepared at the moment.', retryAfterSeconds: 5 });
    }
  }

  /**
   * A small JPEG of what a picture or film shows, for lists; null when there is none to be had here.
   * @throws errors.mediaUnreadable, overloaded
   */
  async thumbnail(file: ScratchFile, folder: string): Promise<Buffer | null> {
    const { ffmpeg } = this;
    const isFilm = file.mimeType.startsWith('video/');
    if (isFilm ? ffmpeg === null : !isReadablePicture(file.mimeType.split(';')[0]!)) return null;
    return this.inTurn(() =>
      readingPicture(async () => {
        const picture = isFilm ? await frameOf(file, { folder, ffmpeg: ffmpeg! }) : file.path;
        return reduced(picture, { edgePx: LIST_EDGE_PX, quality: 75 });
      }),
    );
  }

  private async work(
    form: MediaForm,
    file: ScratchFile,
    folder: string,
    signal: AbortSignal | undefined,
  ): Promise<PreparedMedia> {
    const { ffmpeg } = this;
    switch (form) {
      case 'image':
        return prepareImage(file, folder);
      case 'sticker':
        return prepareSticker(file, folder);
      case 'video':
        return prepareVideo(file, { folder, ffmpeg, signal });
      case 'gif':
        return prepareGif(file, { folder, ffmpeg, signal });
      case 'round_video':
        return prepareRoundVideo(file, { folder, ffmpeg, signal });
      case 'audio':
        return prepareAudio(file, folder, ffmpeg, signal);
      case 'voice':
        return prepareVoice(file, folder, ffmpeg, signal);
      case 'document':
        return { path: file.path, mimeType: file.mimeType, facts: {} };
    }
  }
}
