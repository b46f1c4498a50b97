import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The folder of the repository, whatever folder the command was typed in. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs a Node script of the repository or of a package, in the repository's folder or in `cwd`, and waits for its end.
 * With `quiet` its output is kept and only returned, so that a caller shows it when something failed.
 */
export function runNode(script, args, { env = {}, nodeArgs = [], quiet = false, cwd = root } = {}) {
  return run(process.execPath, [...nodeArgs, script, ...args], { env, quiet, cwd });
}

/** The npm that started us, or the one on the path when a script was called with node directly. */
export function runNpm(args, { quiet = false } = {}) {
  const npm = process.env.npm_execpath;
  if (npm?.endsWith('.js')) return run(process.execPath, [npm, ...args], { quiet });
  return run('npm', args, { quiet, shell: process.platform === 'win32' });
}

function run(command, args, { env = {}, quiet = false, shell = false, cwd = root }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      shell,
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    // A terminal sends Ctrl-C to the child as well; we stay until it has ended.
    const wait = () => {};
    const pass = () => child.kill('SIGTERM');
    process.on('SIGINT', wait).on('SIGTERM', pass);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('SIGINT', wait).off('SIGTERM', pass);
      resolve({ code: code ?? (signal === 'SIGINT' ? 130 : 143), output });
    });
  });
}

/** Ends the command with a sentence, without a stack trace. */
export function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
