import type { ErrorName } from '#contracts';

/** What may be refused about the files that a broadcast sends, when they are taken in. */
export const fileErrors: ErrorName[] = [
  'mediaTypeInvalid',
  'mediaTooLarge',
  'mediaFetchFailed',
  'mediaUnreadable',
  'mediaConversionUnavailable',
  'mediaInfected',
  'mediaNotScanned',
  'uploadNotComplete',
  'quotaExceeded',
  'urlNotAllowed',
];

/** What may be refused about the file that its recipients come from. */
export const audienceErrors: ErrorName[] = [
  'importUnreadable',
  'uploadNotComplete',
  'mediaNotAvailable',
  'mediaInfected',
  'mediaNotScanned',
];
