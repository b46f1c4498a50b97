import { AsyncLocalStorage } from 'node:async_hooks';
import { installConsoleFilter } from './console-filter.js';
import { installJobContext } from './job-context.js';
import { SignalParty } from './signal-party.for-spec.js';

/** Two profiles of one process encrypt for the same contact at once; whose context do their key stores see? */
async function contextsSeen(run: string): Promise<Record<string, Set<string | undefined>>> {
  const context = new AsyncLocalStorage<string>();
  const contact = new SignalParty(`9${run}@lid`);
  const seen: Record<string, Set<string | undefined>> = {};
  const profiles = ['a', 'b'].map((name) => {
    const party = new SignalParty(`${name === 'a' ? 1 : 2}${run}@lid`);
    const contexts = new Set<string | undefined>();
    seen[name] = contexts;
    const { get, set } = party.keys;
    party.keys.get = async (type, ids) => {
      contexts.add(context.getStore());
      await new Promise((resolve) => setImmediate(resolve));
      return get(type, ids);
    };
    party.keys.set = async (data) => {
      contexts.add(context.getStore());
      return set(data);
    };
    return { name, party };
  });
  await Promise.all(
    profiles.map(({ name, party }) =>
      context.run(name, async () => {
        await party.openSession(contact);
        await party.encrypt(contact, `from ${name}`);
      }),
    ),
  );
  return seen;
}

describe('the queue of libsignal that two profiles share when they talk to the same contact', () => {
  beforeAll(() => installConsoleFilter());

  it('runs the work of one in the context of the other without the correction (the fault that is corrected)', async () => {
    const { b } = await contextsSeen('01');
    expect(b).toContain('a');
  });

  it('keeps each in its own context with it', async () => {
    installJobContext();
    const { a, b } = await contextsSeen('02');
    expect([...a!]).toEqual(['a']);
    expect([...b!]).toEqual(['b']);
  });
});
