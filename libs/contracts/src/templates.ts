import type { UploadId } from './ids.js';

/** What a template may be used for, as people sort them. */
export const templateCategories = ['marketing', 'utility', 'notification'] as const;
export type TemplateCategory = (typeof templateCategories)[number];

/** Kinds of messages that a template can make. */
export const templateTypes = ['text', 'image', 'video', 'audio', 'document'] as const;
export type TemplateType = (typeof templateTypes)[number];

/** Texts with places for variables; which there are depends on the type of the message. */
export interface TemplateContent {
  text?: string;
  /** Of the file that is sent; may have places too. */
  url?: string;
  /** The file, in place of its address: an upload. */
  uploadId?: UploadId;
  caption?: string;
  filename?: string;
  /** Audio: as a voice message. */
  ptt?: boolean;
}
