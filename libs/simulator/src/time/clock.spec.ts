import { DrivenClock } from './clock.js';

describe('a driven clock', () => {
  it('stands still until it is advanced', async () => {
    const clock = new DrivenClock(1_000);
    const ran: number[] = [];
    clock.after(500, () => ran.push(clock.now()));
    expect(clock.now()).toBe(1_000);
    await clock.advance(499);
    expect(ran).toEqual([]);
    await clock.advance(1);
    expect(ran).toEqual([1_500]);
    expect(clock.pending).toBe(0);
  });

  it('runs what is due by its time, then by the order in which it was asked for', async () => {
    const clock = new DrivenClock();
    const ran: string[] = [];
    clock.after(20, () => ran.push('late'));
    clock.after(10, () => ran.push('first'));
    clock.after(10, () => ran.push('second'));
    clock.after(10, () => ran.push('never')).cancel();
    await clock.advance(1_000);
    expect(ran).toEqual(['first', 'second', 'late']);
  });

  it('also runs what falls due because of what ran', async () => {
    const clock = new DrivenClock(0);
    const woken: number[] = [];
    const sleeper = async (): Promise<void> => {
      for (let turn = 0; turn < 3; turn += 1) {
        await clock.sleep(100);
        woken.push(clock.now());
      }
    };
    const asleep = sleeper();
    await clock.advance(250);
    expect(woken).toEqual([100, 200]);
    await clock.advance(50);
    await asleep;
    expect(woken).toEqual([100, 200, 300]);
  });

  it('waits for work that goes on outside before it takes the next step', async () => {
    const clock = new DrivenClock();
    const order: string[] = [];
    let working: Promise<void> = Promise.resolve();
    clock.comesToRestWith(() => working);
    clock.after(1, () => {
      working = new Promise((resolve) =>
        setImmediate(() =>
          setImmediate(() => {
            order.push('work');
            resolve();
          }),
        ),
      );
    });
    clock.after(2, () => order.push('next'));
    await clock.advance(2);
    expect(order).toEqual(['work', 'next']);
  });
});
