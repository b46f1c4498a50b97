/** A file that somebody uploaded, as events tell of it. */
export interface UploadShown {
  uploadId: string;
  fileName: string;
  mimeType: string;
  sizeBytes: number;
  /** As what it is sent best. */
  kind: 'image' | 'video' | 'audio' | 'document';
}

export interface UploadRefused {
  uploadId: string;
  fileName: string;
  /** Code of the error catalogue. */
  code: string;
  /** What is wrong, in a sentence. */
  explanation: string;
}

export interface UploadInfected extends UploadShown {
  /** What the scanner calls it. */
  found: string;
}

export interface UploadDeleted {
  uploadId: string;
  fileName: string;
  reason: 'deleted' | 'expired' | 'unused';
}

export interface MediaInfected {
  messageId: string;
  conversationId: string;
  mediaId: string;
  /** What the scanner calls it. */
  found: string;
}

export interface StorageQuotaReached {
  storedBytes: number;
  maxStoredBytes: number;
}
