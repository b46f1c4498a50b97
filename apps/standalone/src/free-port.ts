import { createServer } from 'node:net';
import { CannotStart } from './cannot-start.js';

/** @throws CannotStart when the port cannot be listened on, with what to do. */
export async function ensurePortIsFree(port: number, host: string): Promise<void> {
  const problem = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const probe = createServer();
    probe.once('error', resolve);
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });
  if (!problem) return;
  if (problem.code === 'EADDRINUSE') {
    throw new CannotStart(
      `Port ${port} on ${host} is taken by another program. Stop it, or choose another port: PORT=${port + 1} npm start`,
    );
  }
  if (problem.code === 'EACCES') {
    throw new CannotStart(
      `Port ${port} may not be used by this user. Ports below 1024 need more rights; take another one: PORT=3000 npm start`,
    );
  }
  throw new CannotStart(`HOST=${host} cannot be listened on: ${problem.message}.`);
}
