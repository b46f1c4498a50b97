import type { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '#contracts';
import type { UploadedMedia } from '../media-upload.js';
import { mediaFacts, thumbnailBytes } from './media.js';
import { present } from './values.js';

type Video = Extract<MessageContent, { kind: 'video' }>;

/** `round`: it came as a video note. */
export function videoFrom(video: proto.Message.IVideoMessage, round = false): Video {
  return {
    kind: 'video',
    media: {
      ...mediaFacts(video, 'video/mp4'),
      ...present({ widthPx: video.width, heightPx: video.height, durationSeconds: video.seconds }),
    },
    ...present({ caption: video.caption }),
    ...(video.gifPlayback ? { gif: true as const } : {}),
    ...(round ? { round: true as const } : {}),
  };
}

export function videoProto({ media, caption, gif }: Video, uploaded: UploadedMedia): proto.Message.IVideoMessage {
  return {
    ...uploaded,
    mimetype: media.mimeType,
    ...present({
      caption,
      gifPlayback: gif,
      width: media.widthPx,
      height: media.heightPx,
      seconds: media.durationSeconds,
      jpegThumbnail: thumbnailBytes(media),
    }),
  };
}
