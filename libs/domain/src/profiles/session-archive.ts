import { type Entry, fromBuffer, type ZipFile } from 'yauzl';
import { MAX_SESSION_BYTES } from './session-file.js';

/** Most files in an archive, and the largest of them: a folder of Baileys has one small file for each key. */
const mostFiles = 200_000;
const largestFileBytes = 4 * 1024 * 1024;

/** The archive is none, is damaged, or would unfold to more than a session can be. */
export class ArchiveUnreadable extends Error {}

/**
 * Reads the files of one folder out of a zip: the folder that has a `creds.json`, wherever it is. What an archive says
 * of its sizes is not believed: what comes out is counted.
 * @throws ArchiveUnreadable
 */
export async function readSessionArchive(file: Buffer): Promise<[name: string, content: Buffer][]> {
  const zip = await opened(file);
  const byFolder = new Map<string, [string, Buffer][]>();
  let files = 0;
  let bytes = 0;
  try {
    for await (const entry of entriesOf(zip)) {
      if (entry.fileName.endsWith('/')) continue;
      files += 1;
      const content = await contentOf(zip, entry, Math.min(largestFileBytes, MAX_SESSION_BYTES - bytes));
      bytes += content.length;
      if (files > mostFiles) throw new ArchiveUnreadable(`it has more than ${mostFiles} files`);
      const cut = entry.fileName.lastIndexOf('/') + 1;
      const folder = entry.fileName.slice(0, cut);
      const inFolder = byFolder.get(folder) ?? [];
      byFolder.set(folder, inFolder);
      inFolder.push([entry.fileName.slice(cut), content]);
    }
  } catch (error) {
    throw error instanceof ArchiveUnreadable
      ? error
      : new ArchiveUnreadable('the zip file is damaged', { cause: error });
  } finally {
    zip.close();
  }
  const sessions = [...byFolder.values()].filter((each) => each.some(([name]) => name === 'creds.json'));
  if (sessions.length > 1) throw new ArchiveUnreadable('it holds several sessions; import them one by one');
  return sessions[0] ?? [];
}

function opened(file: Buffer): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromBuffer(file, { lazyEntries: true }, (error, zip) => {
      if (error)
        reject(new ArchiveUnreadable('it is neither a session file of Waypost nor a zip file', { cause: error }));
      else resolve(zip);
    });
  });
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  for (;;) {
    const entry = await new Promise<Entry | null>((resolve, reject) => {
      zip
        .once('entry', resolve)
        .once('end', () => resolve(null))
        .once('error', reject);
      zip.readEntry();
    });
    zip.removeAllListeners();
    if (!entry) return;
    yield entry;
  }
}

function contentOf(zip: ZipFile, entry: Entry, mostBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) return reject(error);
      const chunks: Buffer[] = [];
      let bytes = 0;
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > mostBytes) stream.destroy(new ArchiveUnreadable('it unfolds to more than a session can be'));
        else chunks.push(chunk);
      });
      stream.on('error', reject).on('end', () => resolve(Buffer.concat(chunks)));
    });
  });
}
