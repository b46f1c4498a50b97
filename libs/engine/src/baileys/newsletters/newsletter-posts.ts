import type { BinaryNode } from '@whiskeysockets/baileys';
import type { RoomChat } from '../../chat-address.js';
import type { OutgoingAction, OutgoingContent } from '../../content.js';
import { byPhone } from '../content/naming.js';
import { buildProto } from '../content/to-proto.js';
import type { UploadedMedia } from '../media-upload.js';
import type { MediaUploads } from '../media-uploads.js';
import { postActionStanza, postStanza } from './post-stanza.js';

/** Builds what is written to newsletters. */
export class NewsletterPosts {
  constructor(private readonly uploads: Pick<MediaUploads, 'uploadPlain'>) {}

  async post(to: RoomChat, outgoing: OutgoingContent, waMessageId: string): Promise<BinaryNode> {
    let mediaHandle: string | null = null;
    const message = await buildProto(outgoing, {
      name: byPhone,
      upload: async (kind, source) => {
        const { handle, ...file } = await this.uploads.uploadPlain(kind, source);
        mediaHandle = handle;
        // Neither key nor hash of an encrypted file: it is not encrypted.
        return file as UploadedMedia;
      },
    });
    return postStanza(to, waMessageId, message, mediaHandle);
  }

  async act(to: RoomChat, { action, target, targetContent }: OutgoingAction, waMessageId: string): Promise<BinaryNode> {
    return postActionStanza(to, waMessageId, { action, target, targetKind: targetContent?.kind });
  }
}
