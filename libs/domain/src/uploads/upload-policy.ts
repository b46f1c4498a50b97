import { supportedExtensions } from 'file-type';
import { errors } from '#contracts';
import type { UploadKind } from '#database';
import { cleanFileName } from '../media/file-name.js';
import { typeByClaim } from '../media/media-type.js';
import { isReadablePicture } from '../media/preparation/prepare-image.js';

/**
 * Programs. WhatsApp would carry them as documents; whoever really wants to send one packs it. Markup (HTML, SVG) is taken
 * as a document: it is only ever offered for saving here, and phones do not run it.
 */
const programTypes = new Set([
  'application/x-msdownload',
  'application/x-elf',
  'application/x-mach-binary',
  'application/java-vm',
  'application/java-archive',
  'application/vnd.android.package-archive',
  'application/x.ms.shortcut',
  'application/x.apple.alias',
  'application/x-deb',
  'application/x-rpm',
  'application/x-google-chrome-extension',
  'application/x-shockwave-flash',
  'application/wasm',
]);
/** Names under which desktops run what is in a file, whatever its content. */
const programNames =
  /\.(exe|dll|scr|com|pif|msi|msp|cpl|jar|apk|bat|cmd|ps1|psm1|vbs|vbe|js|jse|mjs|wsf|wsh|hta|lnk|url|reg|sh|bash|command|app|dmg|deb|rpm|desktop)$/i;

const markup: readonly [RegExp, string, string][] = [
  [
    /^(<\?xml[^>]{0,500}\?>\s*)?(<!--.{0,500}?-->\s*)?(<!doctype svg[^>]{0,500}>\s*)?<svg[\s>]/is,
    'image/svg+xml',
    'svg',
  ],
  [/^(<!--.{0,500}?-->\s*)?(<!doctype html|<html|<head|<body|<script)[\s>]/is, 'text/html', 'html'],
];

/** Other endings that are right for a type, besides the one that the library gives. */
const otherEndings: Record<string, readonly string[]> = {
  jpg: ['jpeg', 'jpe', 'jfif'],
  mp4: ['m4v', 'm4a', 'mov'],
  m4a: ['mp4'],
  mov: ['qt', 'mp4'],
  ogg: ['oga', 'opus'],
  opus: ['ogg', 'oga'],
  tif: ['tiff'],
  mpg: ['mpeg'],
};

/** What was seen of a file, and what its sender says of it. */
export interface SeenFile {
  /** By content; null when it does not tell. */
  detected: { mime: string; ext: string } | null;
  isText: boolean;
  /** The first bytes. */
  start: Buffer;
  fileName?: string;
  claimedType?: string;
  asDocument: boolean;
}

/** As what a file is taken. */
export interface TakenAs {
  mimeType: string;
  kind: UploadKind;
  fileName: string;
}

/**
 * What an uploaded file is, by its content: its type, as what it is sent best, and a name that fits.
 * @throws errors.mediaTypeInvalid for programs
 */
export function takenAs(seen: SeenFile): TakenAs {
  const { detected, isText, start, asDocument } = seen;
  const name = cleanFileName(seen.fileName);
  if (isProgram(seen, name)) {
    throw errors.mediaTypeInvalid({
      message: 'Programs and scripts are not taken. Put it into an archive, if its receiver expects it.',
      details: { detected: detected?.mime ?? null },
    });
  }
  const text = isText ? start.toString('utf8').trimStart() : '';
  const marked = markup.find(([pattern]) => pattern.test(text));
  if (marked) {
    return { mimeType: marked[1], kind: 'document', fileName: fitting(name, { mime: marked[1], ext: marked[2] }) };
  }
  const mimeType = detected?.mime ?? typeByClaim([seen.claimedType], isText);
  const kind = asDocument ? 'document' : kindOf(mimeType, detected !== null);
  return { mimeType, kind, fileName: fitting(name, detected ?? { mime: mimeType, ext: isText ? 'txt' : 'bin' }) };
}

function isProgram({ detected, isText, start }: SeenFile, name: string | null): boolean {
  if (detected && programTypes.has(detected.mime)) return true;
  if (isText && start.subarray(0, 2).toString('latin1') === '#!') return true;
  return name !== null && programNames.test(name);
}

function kindOf(mimeType: string, isCertain: boolean): UploadKind {
  if (!isCertain) return 'document';
  const type = mimeType.split(';')[0]!;
  if (isReadablePicture(type)) return 'image';
  if (type.startsWith('video/')) return 'video';
  return type.startsWith('audio/') || type === 'application/ogg' ? 'audio' : 'document';
}

/** Where the ending tells another picture, film, sound or PDF than the content, it is corrected. */
function fitting(name: string | null, { mime, ext }: { mime: string; ext: string }): string {
  if (name === null) return `file.${ext}`;
  const [, stem = name, ending = ''] = /^(.*?)\.([^.]{1,10})$/s.exec(name) ?? [];
  const given = ending.toLowerCase();
  if (!/^(image|video|audio)\/|^application\/(pdf|ogg)$|^text\/html$/.test(mime)) return name;
  if (given === ext || otherEndings[ext]?.includes(given) || (ext === 'html' && given === 'htm')) return name;
  const isKnown = supportedExtensions.has(given as never) || ['html', 'htm', 'svg', 'txt'].includes(given);
  return cleanFileName(isKnown ? `${stem}.${ext}` : `${name}.${ext}`) ?? `file.${ext}`;
}
