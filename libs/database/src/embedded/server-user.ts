import { spawnSync } from 'node:child_process';
import { chownSync, statSync } from 'node:fs';

/** The ordinary user under which the server runs. Undefined: as ourselves. */
export type ServerUser = { uid: number; gid: number } | undefined;

/**
 * PostgreSQL refuses to run as root. Started as root we run it as the owner of its files; when there are none yet, as
 * `postgres`, else as `nobody`, which are there without making a user.
 * @throws when we are root and there is nobody to run it as.
 */
export function chooseServerUser(cluster: string | undefined): ServerUser {
  if (process.getuid?.() !== 0) return undefined;
  const owner = cluster && statSync(cluster, { throwIfNoEntry: false });
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
