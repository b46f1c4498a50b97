import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

/** A program that was found and answered. */
export interface Ffmpeg {
  /** Absolute, so that it can be run without our environment. */
  path: string;
  version: string;
  /** Which of the places it was found in. */
  from: 'FFMPEG_PATH' | 'PATH' | 'package';
}

const run = promisify(execFile);
const ANSWER_MS = 15_000;

/**
 * Looks for ffmpeg: where the setting says, on the PATH, then in the optional package. It is only ever called as a
 * program, so its licence does not reach ours. Null when there is none: then what needs it is refused, never pretended.
 */
export async function findFfmpeg(configured: string | undefined): Promise<Ffmpeg | null> {
  const candidates: [path: string | null, from: Ffmpeg['from']][] = configured
    ? [[configured, 'FFMPEG_PATH']]
    : [
        [await onPath(), 'PATH'],
        [packaged(), 'package'],
      ];
  for (const [path, from] of candidates) {
    const version = path && (await versionOf(path));
    if (version) return { path, version, from };
  }
  return null;
}

async function versionOf(path: string): Promise<string | null> {
  try {
    const { stdout } = await run(path, ['-hide_banner', '-version'], { timeout: ANSWER_MS, windowsHide: true });
    return /^ffmpeg version (\S+)/.exec(stdout)?.[1] ?? null;
  } catch {
    return null;
  }
}

async function onPath(): Promise<string | null> {
  const [program, ...args] =
    process.platform === 'win32' ? ['where.exe', 'ffmpeg'] : ['/bin/sh', '-c', 'command -v ffmpeg'];
  const { stdout } = await run(program!, args, { timeout: ANSWER_MS, windowsHide: true }).catch(() => ({ stdout: '' }));
  return stdout.split(/\r?\n/)[0]?.trim() || null;
}

/** The package throws on platforms that it has no binary for. */
function packaged(): string | null {
  try {
    return createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg').path;
  } catch {
    return null;
  }
}
