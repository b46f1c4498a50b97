import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { ScanFailed, type ScanVerdict, type VirusScanner } from './virus-scanner.js';

/** Longest answer that is read: a signature's name and a few words. */
const MOST_ANSWER = 4096;

/**
 * ClamAV's daemon, by its command INSTREAM: chunks with their length before them, an empty one at the end, and one line as
 * answer (man clamd). The daemon reads while it is sent to, and may answer and hang up before the end.
 */
export class ClamdScanner implements VirusScanner {
  constructor(private readonly at: { host: string; port: number; timeoutMs: number }) {}

  async scan(stream: Readable): Promise<ScanVerdict> {
    const { host, port, timeoutMs } = this.at;
    const socket = connect({ host, port });
    // Of silence, not of the whole: a large file may take its time as long as it moves.
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('ClamAV was silent for too long.')));
    const answer = readAnswer(socket);
    answer.catch(() => undefined);
    try {
      await once(socket, 'connect');
      // When it answers early, it takes no more; the answer counts then.
      await Promise.race([send(stream, socket), answer]);
      return verdictOf(await answer);
    } catch (failure) {
      throw failure instanceof ScanFailed ? failure : new ScanFailed('ClamAV does not answer.', failure);
    } finally {
      stream.destroy();
      socket.destroy();
    }
  }
}

async function send(stream: Readable, socket: Socket): Promise<void> {
  try {
    await write(socket, Buffer.from('zINSTREAM\0'));
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(chunk.length);
      if (chunk.length > 0) await write(socket, Buffer.concat([length, chunk]));
    }
    await write(socket, Buffer.alloc(4));
  } catch (failure) {
    // A daemon that hung up has told why, if it told anything: that is the answer's to say.
    if (!socket.destroyed) throw new ScanFailed('The file cannot be read for the scan.', failure);
  }
}

async function write(socket: Socket, bytes: Buffer): Promise<void> {
  if (socket.destroyed) throw new Error('ClamAV hung up.');
  if (!socket.write(bytes)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
}

function readAnswer(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const settle = () => (text === '' ? reject(new Error('ClamAV hung up.')) : resolve(text.replace(/\0.*$/s, '')));
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('utf8');
      if (text.includes('\0') || text.length > MOST_ANSWER) settle();
    });
    socket.on('error', (failure) => (text === '' ? reject(failure) : settle()));
    socket.on('close', settle);
  });
}

/** `stream: OK`, `stream: <name> FOUND`, or anything else, which is an error in words. */
function verdictOf(answer: string): ScanVerdict {
  const line = answer.trim();
  if (/^stream: OK$/.test(line)) return { isClean: true };
  const found = /^stream: (.{1,200}) FOUND$/.exec(line)?.[1];
  if (found !== undefined) return { isClean: false, found };
  throw new ScanFailed(`ClamAV answered: ${line.slice(0, 200)}`);
}
