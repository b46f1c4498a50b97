/** How libsignal 6.0.0 begins the lines that carry sessions or per-session errors. */
const sessionLines =
  /^(Closing (session|open session|stale)|Opening session|Session (already|error)|Removing old closed session|Decrypted message with closed session|Failed to decrypt message with any|Migrating session|V1 session)/;

const filtered = Symbol.for('waypost.libsignal.console-filter');

/**
 * Drops what libsignal prints through the console: whole sessions with their private keys, and a stack for each session
 * that did not fit. All other lines pass.
 */
export function installConsoleFilter(target: Pick<Console, 'info' | 'warn' | 'error'> = console): void {
  for (const level of ['info', 'warn', 'error'] as const) {
    const print = target[level] as Console['info'] & { [filtered]?: true };
    if (print[filtered]) continue;
    const filtering: Console['info'] & { [filtered]?: true } = (...args: unknown[]) => {
      if (typeof args[0] === 'string' && sessionLines.test(args[0])) return;
      print.apply(target, args);
    };
    filtering[filtered] = true;
    target[level] = filtering;
  }
}
