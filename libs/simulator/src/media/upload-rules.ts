const MIB = 1024 * 1024;

/** The largest body of any upload: more is not even read. */
export const MAX_UPLOAD_BYTES = 128 * MIB;

/**
 * What may be uploaded where. Paths are those of Baileys' `MEDIA_PATH_MAP`; sizes those that WhatsApp's help pages name
 * for pictures, voice and films, and what fits into memory for documents (the service takes 2 GB).
 */
const RULES: Record<string, { maxBytes: number; isEncrypted: boolean }> = {
  '/mms/image': { maxBytes: 16 * MIB, isEncrypted: true },
  '/mms/video': { maxBytes: 100 * MIB, isEncrypted: true },
  '/mms/audio': { maxBytes: 16 * MIB, isEncrypted: true },
  '/mms/document': { maxBytes: MAX_UPLOAD_BYTES, isEncrypted: true },
  '/mms/md-app-state': { maxBytes: MAX_UPLOAD_BYTES, isEncrypted: true },
  // Files of newsletters lie open (whatsmeow, upload.go, `UploadNewsletter`).
  '/newsletter/newsletter-image': { maxBytes: 16 * MIB, isEncrypted: false },
  '/newsletter/newsletter-video': { maxBytes: 100 * MIB, isEncrypted: false },
  '/newsletter/newsletter-audio': { maxBytes: 16 * MIB, isEncrypted: false },
  '/newsletter/newsletter-sticker': { maxBytes: 16 * MIB, isEncrypted: false },
  '/product/image': { maxBytes: 16 * MIB, isEncrypted: false },
  '/pps/biz-cover-photo': { maxBytes: 16 * MIB, isEncrypted: false },
};

export interface UploadPlace {
  /** The kind in the path of the stored file. */
  kind: string;
  /** The hash that the body must have, in unpadded base64 for URLs. */
  name: string;
  maxBytes: number;
  /** True for files that end in a MAC; the others lie open. */
  isEncrypted: boolean;
}

/** The place that a path names, if it is one for uploads. */
export function uploadPlace(path: string): UploadPlace | undefined {
  const [, folder = '', kind = '', name = ''] = /^(\/[a-z]+\/([a-z-]+))\/([A-Za-z0-9_-]+)=*$/.exec(path) ?? [];
  const rule = RULES[folder];
  return rule && { kind: folder === '/product/image' ? 'product' : kind, name, ...rule };
}
