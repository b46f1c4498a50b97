/** pino's numbers. */
const levels: Record<number, string> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/** Fields that say nothing to a person at a terminal, or are shown already. */
const left = new Set(['level', 'time', 'pid', 'hostname', 'name', 'msg', 'err']);

/** One line of a process as a line to read. Lines that are not pino's JSON are passed on as they are. */
export function readableLine(process: string, line: string): string {
  const record = parse(line);
  if (!record) return `${clock(Date.now())} ${process.padEnd(9)} ${line}`;
  const rest = Object.entries(record)
    .filter(([name]) => !left.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const problem = record.err as { message?: string; stack?: string } | undefined;
  return [
    clock(record.time as string | number),
    process.padEnd(9),
    levels[Number(record.level)] ?? '',
    record.msg ?? '',
    ...rest,
    problem ? `\n${problem.stack ?? problem.message}` : '',
  ]
    .filter(Boolean)
    .join(' ');
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const record = JSON.parse(line) as Record<string, unknown>;
    return typeof record.level === 'number' ? record : undefined;
  } catch {
    return undefined;
  }
}

function clock(time: string | number): string {
  return new Date(time).toTimeString().slice(0, 8);
}
