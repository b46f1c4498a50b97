import { readFileSync } from 'node:fs';

/** Ticks per second of the counters in /proc; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Processor time that a process and its threads have used, in milliseconds; undefined where /proc is not there. */
export function processorTime(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

/** The same for a process and all its children, such as PostgreSQL's. */
export function processorTimeOfTree(pid) {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    // Of children that have ended and were waited for.
    const ended = ((Number(stat[13]) + Number(stat[14])) * 1000) / TICKS_PER_SECOND;
    return children.reduce((sum, child) => sum + (processorTimeOfTree(Number(child)) ?? 0), processorTime(pid) + ended);
  } catch {
    return undefined;
  }
}

/**
 * Begins to count what processes use. `perUnit` tells how much it was since then, in milliseconds for each of so many.
 * @param processes by name; `tree` counts children as well
 */
export function processorUse(processes) {
  const usage = () =>
    Object.entries(processes).map(([name, { pid, tree }]) => [
      name,
      tree ? processorTimeOfTree(pid) : processorTime(pid),
    ]);
  const before = Object.fromEntries(usage());
  return {
    perUnit: (units) => Object.fromEntries(usage().map(([name, now]) => [name, (now - before[name]) / units])),
  };
}
