import type { Readable } from 'node:stream';
import type { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '#contracts';
import { mediaFacts, present } from './media.js';

type Audio = Extract<MessageContent, { kind: 'audio' }>;

export function audioFrom(audio: proto.Message.IAudioMessage): Audio {
  return {
    kind: 'audio',
    media: { ...mediaFacts(audio, 'audio/ogg; codecs=opus'), ...present({ durationSeconds: audio.seconds }) },
    voice: audio.ptt === true,
  };
}

export function audioToBaileys({ media, voice }: Audio, stream: Readable) {
  return {
    audio: { stream },
    mimetype: media.mimeType,
    ptt: voice,
    // Absent: Baileys measures it.
    ...present({ seconds: media.durationSeconds }),
  };
}
