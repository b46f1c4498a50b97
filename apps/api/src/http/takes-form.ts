import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';
import { TAKES_FORM } from './form-routes.js';
import { SentFileInterceptor } from './sent-file.interceptor.js';

/**
 * The body may be JSON, or a form (`multipart/form-data`) with the same fields and a part `file`. The file goes into
 * storage as it comes, before the fields are checked; when the request fails it is removed again.
 */
export const TakesForm = () => applyDecorators(SetMetadata(TAKES_FORM, true), UseInterceptors(SentFileInterceptor));
