import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { CatalogueError, errors } from '#contracts';
import { removeOwnFile, writeOwnFile } from '#domain';
import { MediaStorage } from '#storage';
import { isForm, problemOf } from './json-body.js';
import { readForm } from './read-form.js';
import type { ApiRequest } from './request.js';
import { attachFile } from './sent-file.js';

/** Largest file in a form, bytes. What is larger comes as a resumable upload. */
export const MOST_FILE_BYTES = 100 * 1024 ** 2;

/** Carries out `@TakesForm()` (takes-form.ts says how). */
@Injectable()
export class SentFileInterceptor implements NestInterceptor {
  constructor(private readonly storage: MediaStorage) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<ApiRequest>();
    return isForm(request) ? from(this.withFile(request, next)) : next.handle();
  }

  private async withFile(request: ApiRequest, next: CallHandler): Promise<unknown> {
    const { organizationId } = request.actor!;
    const limits = { maxBytes: MOST_FILE_BYTES, organizationId };
    const { fields, file } = await readForm(request, (stream) => writeOwnFile(this.storage, stream, limits));
    try {
      const problem = problemOf(fields);
      if (problem) throw problem;
      if (!file) throw errors.validation({ fields: [{ path: 'file', message: 'must be a file' }] });
      request.body = fields;
      attachFile(request, file);
      return await lastValueFrom(next.handle());
    } catch (failure) {
      // Of other failures it is not certain that nothing names it; then the daily sweep looks.
      const isRefused = failure instanceof CatalogueError && failure.status < 500;
      if (file && isRefused) await removeOwnFile(this.storage, file.storageKey).catch(() => undefined);
      throw failure;
    }
  }
}
