import { spawnSync } from 'node:child_process';
import { chownSync, closeSync, openSync, statSync } from 'node:fs';

/** The ordinary user under which the server runs. Undefined: as ourselves. */
export type ServerUser = { uid: number; gid: number } | undefined;

/**
 * PostgreSQL refuses to run as root. Started as root we run it as the owner of its files; when there are none yet, as
 * `postgres`, else as `nobody`, which are there without making a user.
 * @throws when we are root and there is nobody to run it as.
 */
export function chooseServerUser(cluster: string): ServerUser {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(cluster, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  for (const name of ['postgres', 'nobody']) {
    const uid = idOf('-u', name);
    const gid = idOf('-g', name);
    if (uid && gid !== undefined) return { uid, gid };
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is no user "postgres" or "nobody" to run it as. Start as an ordinary user or set DATABASE_URL.',
  );
}

/** Asked from the system, not read from /etc/passwd, because users may come from elsewhere. */
function idOf(flag: '-u' | '-g', name: string): number | undefined {
  const found = spawnSync('id', [flag, name], { encoding: 'utf8' });
  return found.status === 0 ? Number(found.stdout.trim()) : undefined;
}

/** Whether the user can reach a file or folder: every folder above it must let it pass. */
export function canReach(user: ServerUser, path: string): boolean {
  if (user === undefined) return true;
  const probe = spawnSync('/bin/sh', ['-c', 'test -r "$0" && test -x "$0"', path], { ...user, cwd: '/' });
  return probe.status === 0;
}

export function giveTo(user: ServerUser, path: string): void {
  if (user) chownSync(path, user.uid, user.gid);
}

/** A folder as the server can name it. `handles` are what a spawned process must be given from descriptor 3 on. */
export interface NamedFolder {
  path: string;
  handles: number[];
}

/**
 * Lends the server a folder of its own that lies where its user may not pass (below /root): it gets the folder open, and
 * names it by its descriptor.
 * @throws where that is not possible.
 */
export async function withFolder<T>(
  user: ServerUser,
  folder: string,
  work: (named: NamedFolder) => Promise<T>,
): Promise<T> {
  if (canReach(user, folder)) return work({ path: folder, handles: [] });
  if (process.platform !== 'linux') {
    throw new Error(
      `The database's user cannot enter ${folder}. Start as an ordinary user, or set DATA_DIR to a folder that everybody may pass.`,
    );
  }
  const handle = openSync(folder, 'r');
  try {
    return await work({ path: '/proc/self/fd/3', handles: [handle] });
  } finally {
    closeSync(handle);
  }
}
