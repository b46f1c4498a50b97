import { TransferSlots } from './transfer-slots.js';

const never = new AbortController().signal;

/** Work that ends when the test says so. */
function held() {
  let end!: () => void;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { end, work: () => ended };
}

describe('TransferSlots', () => {
  it('lets owners take turns, however many files one of them has', async () => {
    const slots = new TransferSlots({ atOnce: 1, bytes: 1000 });
    const order: string[] = [];
    const first = held();
    const running = slots.run('a', 1, never, first.work);
    const move = (owner: string, name: string) =>
      slots.run(owner, 1, never, async () => {
        order.push(name);
      });
    const moves = [move('a', 'a1'), move('a', 'a2'), move('a', 'a3'), move('b', 'b1'), move('c', 'c1')];
    first.end();
    await Promise.all([running, ...moves]);
    expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'a3']);
    expect(slots.figures).toEqual({ moving: 0, waiting: 0 });
  });

  it('keeps the files under way within so many bytes; a larger one goes alone', async () => {
    const slots = new TransferSlots({ atOnce: 10, bytes: 100 });
    const [one, two, three] = [held(), held(), held()];
    const moves = [
      slots.run('a', 60, never, one.work),
      slots.run('b', 60, never, two.work),
      slots.run('c', 5000, never, three.work),
    ];
    expect(slots.figures).toEqual({ moving: 1, waiting: 2 });
    one.end();
    await moves[0];
    expect(slots.figures).toEqual({ moving: 1, waiting: 1 });
    two.end();
    await moves[1];
    expect(slots.figures).toEqual({ moving: 1, waiting: 0 });
    three.end();
    await moves[2];
  });

  it('who gives up waiting is gone, and does not hold up the others', async () => {
    const slots = new TransferSlots({ atOnce: 1, bytes: 100 });
    const one = held();
    const running = slots.run('a', 10, never, one.work);
    const giveUp = new AbortController();
    const waiting = slots.run('a', 10, giveUp.signal, async () => 'moved');
    const behind = slots.run('a', 10, never, async () => 'moved');
    giveUp.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
    one.end();
    await running;
    expect(await behind).toBe('moved');
  });
});
