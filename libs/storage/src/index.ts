export { DiskStorage } from './disk-storage.js';
export { type ByteRange, MediaMissing, MediaOverLimit, MediaStorage, type StoredMedia } from './media-storage.js';
