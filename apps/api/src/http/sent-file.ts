import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { StoredMedia } from '#storage';

/** A file that came in a form, in storage as one of its own (`ownFile`). */
export interface SentFile extends StoredMedia {
  /** As the sender calls it, without folders. */
  fileName: string | null;
}

const FILE = Symbol('sent-file');

export function attachFile(request: object, file: SentFile): void {
  (request as Record<symbol, unknown>)[FILE] = file;
}

/** The file of the form, undefined when the body was JSON: `@SentFilePart() file: SentFile | undefined`. */
export const SentFilePart = createParamDecorator(
  (_: unknown, context: ExecutionContext): SentFile | undefined => context.switchToHttp().getRequest()[FILE],
);
