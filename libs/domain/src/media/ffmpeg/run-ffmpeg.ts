import { spawn } from 'node:child_process';
import { errors } from '#contracts';
import type { Ffmpeg } from './find-ffmpeg.js';

/** Beside this a run gets a time for its input, see `Run.timeoutMs`. */
const KEPT_OF_LOG = 16 * 1024;

/**
 * The demuxer for each type that content can tell. It is always forced: left to itself ffmpeg would take a playlist for
 * a film, and a playlist names files of this machine.
 */
const demuxers: Record<string, string> = {
  'video/mp4': 'mov',
  'video/quicktime': 'mov',
  'video/3gpp': 'mov',
  'video/3gpp2': 'mov',
  'video/x-m4v': 'mov',
  'audio/mp4': 'mov',
  'audio/x-m4a': 'mov',
  'video/webm': 'matroska',
  'audio/webm': 'matroska',
  'video/matroska': 'matroska',
  'video/x-matroska': 'matroska',
  'audio/matroska': 'matroska',
  'video/vnd.avi': 'avi',
  'video/x-msvideo': 'avi',
  'video/mpeg': 'mpeg',
  'video/mp1s': 'mpeg',
  'video/mp2p': 'mpeg',
  'video/mp2t': 'mpegts',
  'video/x-flv': 'flv',
  'video/ogg': 'ogg',
  'audio/ogg': 'ogg',
  'application/ogg': 'ogg',
  'audio/opus': 'ogg',
  'audio/mpeg': 'mp3',
  'audio/wav': 'wav',
  'audio/wave': 'wav',
  'audio/vnd.wave': 'wav',
  'audio/aac': 'aac',
  'audio/amr': 'amr',
  'audio/aiff': 'aiff',
  'audio/flac': 'flac',
  'audio/x-flac': 'flac',
  'image/gif': 'gif',
};

const plain = (mimeType: string): string => mimeType.split(';')[0]!.trim().toLowerCase();

/** One call of the program. */
export interface Run {
  input: { path: string; mimeType: string };
  /** What follows the input. `pipe:1` as a target is what `onOutput` gets. */
  output: string[];
  timeoutMs: number;
  signal?: AbortSignal;
  /** Gets what the program writes to its standard output. */
  onOutput?: (chunk: Buffer) => void;
  /** Asks about the file alone: without an output ffmpeg always ends with an error. */
  mayFail?: boolean;
}

/**
 * Runs ffmpeg over a file: one thread, files and pipes only (no network), little memory for one thing, a time after
 * which it is killed. Ends with the process, also when the caller gives up.
 * @returns what it said
 * @throws errors.mediaUnreadable when it could not make sense of the file, or took too long
 */
export function runFfmpeg({ path }: Ffmpeg, run: Run): Promise<string> {
  const demuxer = demuxers[plain(run.input.mimeType)];
  if (!demuxer) throw errors.mediaUnreadable({ message: `Files of type ${run.input.mimeType} cannot be converted.` });
  const args = [
    ...['-nostdin', '-hide_banner', '-nostats', '-y', '-max_alloc', String(512 * 1024 * 1024)],
    ...['-protocol_whitelist', 'file,pipe', '-threads', '1', '-f', demuxer, '-i', run.input.path],
    ...run.output,
  ];
  return new Promise((resolve, reject) => {
    const limit = AbortSignal.timeout(Math.ceil(run.timeoutMs));
    const signal = run.signal ? AbortSignal.any([run.signal, limit]) : limit;
    const child = spawn(path, args, {
      stdio: ['ignore', run.onOutput ? 'pipe' : 'ignore', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
      windowsHide: true,
      // Nothing of our environment, which has secrets: this program reads what strangers send.
      env: {},
    });
    let said = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-KEPT_OF_LOG);
    });
    if (run.onOutput) child.stdout!.on('data', run.onOutput);
    let problem: Error | undefined;
    child.on('error', (error) => {
      problem = error;
    });
    child.on('close', (code) => {
      if (run.signal?.aborted) reject(run.signal.reason);
      else if (limit.aborted) reject(errors.mediaUnreadable({ message: 'The media took too long to convert.' }));
      else if (problem) reject(problem);
      else if (code === 0 || run.mayFail) resolve(said);
      else reject(errors.mediaUnreadable({ details: { said: lastWords(said) } }));
    });
  });
}

/** What the program complained about, without the paths of this machine. */
function lastWords(said: string): string {
  const line = said.trim().split('\n').at(-1) ?? '';
  return line.replace(/\S*[/\\]\S*/g, 'the file').slice(0, 200);
}
