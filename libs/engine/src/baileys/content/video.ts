import type { Readable } from 'node:stream';
import type { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '#contracts';
import { mediaFacts, present } from './media.js';

type Video = Extract<MessageContent, { kind: 'video' }>;

export function videoFrom(video: proto.Message.IVideoMessage): Video {
  return {
    kind: 'video',
    media: {
      ...mediaFacts(video, 'video/mp4'),
      ...present({ widthPx: video.width, heightPx: video.height, durationSeconds: video.seconds }),
    },
    ...present({ caption: video.caption }),
  };
}

export function videoToBaileys({ media, caption }: Video, stream: Readable) {
  return {
    video: { stream },
    mimetype: media.mimeType,
    // Null, not absent: otherwise Baileys looks for ffmpeg to draw a preview.
    jpegThumbnail: null as unknown as undefined,
    ...present({ caption, width: media.widthPx, height: media.heightPx, seconds: media.durationSeconds }),
  };
}
