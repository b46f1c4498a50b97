export { assertRoom, NoRoom } from './disk-room.js';
export { DiskStorage } from './disk-storage.js';
export {
  type ByteRange,
  type ListedMedia,
  MediaMissing,
  MediaOverLimit,
  MediaStorage,
  type MediaWrite,
  type StoredMedia,
} from './media-storage.js';
export { type S3Place, S3Storage } from './s3-storage.js';
