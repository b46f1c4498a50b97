import { Readable } from 'node:stream';
import busboy from 'busboy';
import type { Request } from 'express';
import { errors } from '#contracts';

/** The file of a form, to be read as it comes. */
export interface FormFile {
  stream: Readable;
  fileName: string | undefined;
  claimedType: string | undefined;
}

const limits = { files: 1, fields: 20, fieldNameSize: 100, fieldSize: 10_000, parts: 25, headerPairs: 50 };

/**
 * The file in the field `file` of a multipart/form-data request, as soon as it begins; other fields are passed over. Read
 * its stream to the end or destroy it. A request that breaks off in the middle fails the stream.
 * @throws errors.multipartInvalid
 */
export function multipartFile(request: Request): Promise<FormFile> {
  return new Promise((resolve, reject) => {
    let form: busboy.Busboy;
    try {
      form = busboy({ headers: request.headers, limits, defParamCharset: 'utf8' });
    } catch (cause) {
      reject(errors.multipartInvalid({ cause }));
      return;
    }
    let file: Readable | undefined;
    // What nobody wants of it is read past, so that the answer reaches who is still sending.
    const passOver = () => {
      request.unpipe(form);
      request.resume();
    };
    const refuse = (message?: string, cause?: unknown) => {
      const refusal = errors.multipartInvalid({ message, cause });
      passOver();
      if (file) file.destroy(refusal);
      else reject(refusal);
    };
    form.on('file', (field, stream, { filename, mimeType }) => {
      if (field !== 'file' || file) {
        stream.resume();
        return;
      }
      file = stream;
      // Whoever reads it hears of it too; until then nobody else may.
      stream.on('error', () => undefined);
      resolve({ stream: wholeOrRefused(stream, passOver), fileName: filename, claimedType: mimeType });
    });
    form.on('error', (cause) => refuse('The form cannot be read.', cause));
    form.on('close', () => {
      if (!file) refuse('There is no file in the field `file`.');
    });
    request.on('aborted', () => refuse('The request broke off.'));
    request.on('error', (cause) => refuse('The request broke off.', cause));
    request.pipe(form);
  });
}

/** What cuts it short is the form's fault, or that of who sends it. */
function wholeOrRefused(file: Readable, passOver: () => void): Readable {
  const read = async function* () {
    try {
      yield* file;
    } catch (cause) {
      throw errors.multipartInvalid({ message: 'The form ends before its file does.', cause });
    } finally {
      passOver();
    }
  };
  return Readable.from(read(), { objectMode: false });
}
