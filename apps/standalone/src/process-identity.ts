import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process that can be recognized later: pids are used again, a pid with its start time is not. */
export interface ProcessIdentity {
  pid: number;
  /** Opaque; null where the system does not tell. */
  startedAt: string | null;
}

export function identify(pid: number): ProcessIdentity {
  return { pid, startedAt: startTime(pid) };
}

/** Whether that very process still runs; one that has ended but was not yet reaped by its parent does not. */
export function isRunning(identity: ProcessIdentity): boolean {
  if (!isPidInUse(identity.pid)) return false;
  const now = startTime(identity.pid);
  return now === null || identity.startedAt === null || now === identity.startedAt;
}

/** Whether any process has this pid, as far as the system tells. */
function isPidInUse(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (problem) {
    return (problem as NodeJS.ErrnoException).code === 'EPERM';
  }
  return process.platform !== 'linux' || linuxStat(pid)?.state !== 'Z';
}

function startTime(pid: number): string | null {
  if (process.platform === 'linux') {
    const stat = linuxStat(pid);
    // Counted from boot, so the boot belongs to it.
    return stat && `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${stat.startTicks}`;
  }
  if (process.platform === 'win32') return null;
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}

function linuxStat(pid: number): { state: string; startTicks: string } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name and may hold blanks and brackets.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0]!, startTicks: fields[19]! };
  } catch {
    return null;
  }
}
