import type { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '#contracts';
import type { UploadedMedia } from '../media-upload.js';
import { mediaFacts } from './media.js';
import { present } from './values.js';

type Audio = Extract<MessageContent, { kind: 'audio' }>;

export function audioFrom(audio: proto.Message.IAudioMessage): Audio {
  return {
    kind: 'audio',
    media: {
      ...mediaFacts(audio, 'audio/ogg; codecs=opus'),
      ...present({ durationSeconds: audio.seconds }),
      ...(audio.waveform?.length ? { waveform: [...audio.waveform] } : {}),
    },
    voice: audio.ptt === true,
  };
}

export function audioProto({ media, voice }: Audio, uploaded: UploadedMedia): proto.Message.IAudioMessage {
  return {
    ...uploaded,
    mimetype: media.mimeType,
    ptt: voice,
    ...present({ seconds: media.durationSeconds, waveform: media.waveform && Uint8Array.from(media.waveform) }),
  };
}
