import type { S3Place } from '#storage';

/** A bucket as people set it, with its keys. */
export type StorageServer = S3Place;

/** The part of it that may be shown. */
export type ShownStorageServer = Omit<StorageServer, 'accessKey' | 'secretKey'>;

/** Under which the keys of a place are sealed. */
export const placeContext = (id: string): string => `storage-place:${id}`;
