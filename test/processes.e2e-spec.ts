import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '#testing';

/** What an operator reads when a part of the product cannot start. Needs a build. */
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

const secrets = { JWT_SECRET: 'j'.repeat(40), ENCRYPTION_KEY: 'e'.repeat(40), INTERNAL_SECRET: 'i'.repeat(40) };

/** Runs a part until it ends by itself. */
function run(name: string, env: Record<string, string>): Promise<{ code: number | null; errors: string }> {
  const { NODE_OPTIONS: _own, ...inherited } = process.env;
  const child = spawn(process.execPath, ['--no-warnings', join(process.cwd(), `dist/apps/${name}/src/main.js`)], {
    env: { ...inherited, PORT: '0', LOG_LEVEL: 'silent', DATABASE_URL: '', ...secrets, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, errors })));
}

describe.each(['api', 'worker', 'engine'])('the %s', (name) => {
  it('says which setting is missing or wrong, in a sentence', async () => {
    expect(await run(name, {})).toEqual({
      code: 1,
      errors: `The ${name} cannot start. DATABASE_URL is not set. Only \`npm start\` brings its own PostgreSQL.\n`,
    });
    const wrong = await run(name, { DATABASE_URL: database.url, TRUSTED_PROXIES: '10.0.0.0/99', JWT_SECRET: 'short' });
    expect(wrong.errors).toContain('TRUSTED_PROXIES holds 10.0.0.0/99');
    expect(wrong.errors).toContain('JWT_SECRET is shorter than 32 characters.');
    expect(wrong.errors.trim().split('\n')).toHaveLength(1);
  });

  it('says that the database cannot be reached, without its password', async () => {
    const { code, errors } = await run(name, { DATABASE_URL: 'postgres://waypost:a-password@127.0.0.1:1/waypost' });
    expect(code).toBe(1);
    expect(errors).toMatch(/^The \w+ cannot start. The database of DATABASE_URL at 127.0.0.1:1 cannot be used: .+\n$/);
    expect(errors).not.toContain('a-password');
  });
});

it('says that its port is in use', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  try {
    const { code, errors } = await run('api', { DATABASE_URL: database.url, PORT: String(port) });
    expect([code, errors]).toEqual([
      1,
      `The api cannot start. Port ${port} is in use. Choose another, or end what uses it.\n`,
    ]);
  } finally {
    server.close();
  }
});
