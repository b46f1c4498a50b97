import type { Readable } from 'node:stream';
import busboy, { type Busboy } from 'busboy';
import { errors } from '#contracts';
import { MediaOverLimit, type StoredMedia } from '#storage';
import type { ApiRequest } from './request.js';

const MOST_FIELDS = 50;
const MOST_FIELD_BYTES = 65_536;

/** What came in a form. */
export interface SentForm {
  fields: Record<string, unknown>;
  file: (StoredMedia & { fileName: string | null }) | null;
}

/**
 * Reads a form as it comes: the part `file` goes to `keep`, the others are fields. Lists, objects, numbers and truth in
 * fields are JSON.
 * @throws validation for a form that is none, has two files or too many fields; bodyTooLarge
 */
export async function readForm(
  request: ApiRequest,
  keep: (stream: Readable) => Promise<StoredMedia>,
): Promise<SentForm> {
  const fields: Record<string, unknown> = {};
  let file: Promise<SentForm['file']> | null = null;
  const parser = parserOf(request);
  const ended = new Promise<void>((resolve, reject) => {
    const refuse = (path: string, message: string) => reject(errors.validation({ fields: [{ path, message }] }));
    parser.on('field', (name, value, { valueTruncated }) => {
      if (valueTruncated) refuse(name, `must be at most ${MOST_FIELD_BYTES} bytes`);
      else if (Object.hasOwn(fields, name)) refuse(name, 'is there twice');
      else if (name !== '__proto__') fields[name] = fieldValueOf(value);
    });
    parser.on('file', (name, stream, { filename }) => {
      stream.on('error', () => undefined);
      if (name !== 'file' || file) {
        stream.resume();
        refuse(name, file ? 'must be one file' : 'must not be a file; the file is the part "file"');
        return;
      }
      file = keep(stream).then((stored) => ({ ...stored, fileName: baseName(filename) }));
      file.catch(reject);
    });
    parser.on('fieldsLimit', () => refuse('', `has more than ${MOST_FIELDS} fields`));
    parser.on('error', (cause) => reject(errors.validation({ message: 'The form is damaged.', cause })));
    parser.on('close', resolve);
    request.once('aborted', () => reject(errors.validation({ message: 'The form broke off.' })));
  });
  request.pipe(parser);
  try {
    await ended;
    return { fields, file: await file };
  } catch (failure) {
    request.unpipe(parser);
    parser.destroy();
    // What still comes is read into nothing, so that the sender gets to see the answer.
    request.resume();
    throw failure instanceof MediaOverLimit
      ? errors.bodyTooLarge({ details: { limitBytes: failure.maxBytes } })
      : failure;
  }
}

function parserOf(request: ApiRequest): Busboy {
  try {
    const limits = { files: 2, fields: MOST_FIELDS, fieldSize: MOST_FIELD_BYTES, parts: MOST_FIELDS + 2 };
    return busboy({ headers: request.headers, limits, defParamCharset: 'utf8' });
  } catch (cause) {
    throw errors.validation({ message: 'The form is damaged: its boundary is missing.', cause });
  }
}

function fieldValueOf(text: string): unknown {
  if (!/^\s*([[{]|true\s*$|false\s*$)/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function baseName(name: string | undefined): string | null {
  const base = name?.split(/[/\\]/).at(-1)?.replaceAll('\0', '').trim().slice(0, 255);
  return base ? base : null;
}
