import type { MediaFacts, MediaKind } from '#contracts';

/** As what a file is to be shown. A gif and a round video are videos, a voice note is audio. */
export type MediaForm = 'image' | 'video' | 'gif' | 'round_video' | 'audio' | 'voice' | 'document' | 'sticker';

export const kindOfForm: Record<MediaForm, MediaKind> = {
  image: 'image',
  video: 'video',
  gif: 'video',
  round_video: 'video',
  audio: 'audio',
  voice: 'audio',
  document: 'document',
  sticker: 'sticker',
};

/** What preparation finds out about a file, beside its bytes: what phones show before they have loaded it. */
export type ShownFacts = Pick<
  MediaFacts,
  'widthPx' | 'heightPx' | 'durationSeconds' | 'thumbnail' | 'waveform' | 'pageCount'
>;

/** A file as WhatsApp wants it. */
export interface PreparedMedia {
  /** The file itself when it was fine as it was, else a new one in the same folder. */
  path: string;
  mimeType: string;
  facts: ShownFacts;
  /** Of a sticker: it moves. */
  isAnimated?: boolean;
}

/** A file that lies in a scratch folder. */
export interface ScratchFile {
  path: string;
  /** By content. */
  mimeType: string;
  sizeBytes: number;
}

/** What an installation can do with media. */
export interface MediaConversions {
  /** Version of the ffmpeg that was found, and where; null without one. */
  ffmpeg: { version: string; from: 'FFMPEG_PATH' | 'PATH' | 'package' } | null;
  /** Voice notes are made from any audio; without it only Ogg Opus is taken as it is. */
  voice: boolean;
  /** GIFs are made to play; without it a GIF can only be sent as a picture or a document. */
  gif: boolean;
  roundVideo: boolean;
  /** Films that phones do not play are made so, and all have a preview, dimensions and duration. */
  video: boolean;
  /** Always: pictures need no other program. */
  sticker: boolean;
}
