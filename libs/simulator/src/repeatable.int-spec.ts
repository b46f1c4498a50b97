import { RandomRun } from './random-run.js';

// `npm run test:property` takes a hundred, every other run a part of them: together they are a minute.
const SEEDS = Number(process.env.REPEATABLE_SEEDS ?? 30);
/** The first so many are run twice. */
const REPEATED = 10;

/** About half a second each on a machine that has nothing else to do. */
const PATIENCE_MS = 400_000;

describe('random runs of twenty accounts', () => {
  it(
    'are the same stanza for stanza with the same seed',
    async () => {
      for (let seed = 1; seed <= REPEATED; seed += 1) {
        const once = await new RandomRun(seed).play();
        const again = await new RandomRun(seed).play();
        expect(firstDifference(again.stanzas, once.stanzas)).toBeUndefined();
        expect(firstDifference(again.inboxes, once.inboxes)).toBeUndefined();
      }
    },
    PATIENCE_MS,
  );

  it('differ with the seed', async () => {
    const [one, other] = [await new RandomRun('one').play(), await new RandomRun('other').play()];
    expect(one.stanzas).not.toEqual(other.stanzas);
  });

  it(
    `keep every invariant with ${SEEDS} seeds`,
    async () => {
      let stanzas = 0;
      for (let seed = REPEATED + 1; seed <= SEEDS; seed += 1)
        stanzas += (await new RandomRun(seed).play()).stanzas.length;
      // Enough happens for the invariants to mean something.
      expect(stanzas / (SEEDS - REPEATED)).toBeGreaterThan(500);
    },
    PATIENCE_MS,
  );
});

/** Where two records part, with what each says there. */
function firstDifference(one: string[], other: string[]): string | undefined {
  const at = Array.from({ length: Math.max(one.length, other.length) }).findIndex(
    (_, index) => one[index] !== other[index],
  );
  return at < 0 ? undefined : `${at}: ${one[at]} | ${other[at]}`;
}
