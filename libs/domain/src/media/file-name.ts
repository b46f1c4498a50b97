/** Longest file name that is kept, in UTF-8 bytes: what file systems take. */
const MAX_FILE_NAME_BYTES = 255;

/**
 * Makes a file name harmless wherever it is shown or saved: the last part of a path, without control characters,
 * direction overrides (which can hide the real extension) and characters that file systems refuse. Null when nothing
 * is left.
 */
export function cleanFileName(given: string | null | undefined): string | null {
  if (!given) return null;
  const name = given
    .normalize('NFC')
    .split(/[\\/]/)
    .at(-1)!
    .replace(/[\p{Cc}\p{Surrogate}\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"|?*]/gu, '')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  return name === '' ? null : shorten(name);
}

/** Cuts the stem and keeps the extension, without cutting a character in two. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_FILE_NAME_BYTES) return name;
  const extension = /\.[\p{L}\p{N}]{1,10}$/u.exec(name)?.[0] ?? '';
  const room = MAX_FILE_NAME_BYTES - Buffer.byteLength(extension);
  let stem = '';
  let bytes = 0;
  for (const character of name.slice(0, name.length - extension.length)) {
    bytes += Buffer.byteLength(character);
    if (bytes > room) break;
    stem += character;
  }
  return stem + extension;
}
