import type { Timer } from '../../time/clock.js';
import type { Random } from '../../time/random.js';
import { lengthOf, type Span } from '../../time/span.js';
import type { Person } from '../person.js';
import type { ReceivedMessage } from '../received-message.js';
import type { Behaviour } from './behaviour.js';
import { reactionTo } from './reactions.js';
import { routineOf } from './routines.js';

/** What a script may use of the person who plays it. */
export interface Actor {
  readonly person: Person;
  readonly random: Random;
  /** Does something later, unless the behaviour has ended by then. */
  later(delay: Span | undefined, act: () => unknown): void;
  /** Has done all it was to do: after a restart it is not done again. */
  finish(): void;
}

interface Running {
  behaviour: Behaviour;
  take?: (message: ReceivedMessage) => void;
  timers: Set<Timer>;
  hasEnded: boolean;
}

/**
 * The behaviours of one person, side by side. Times and choices come from the network's clock and seed, so that a run can
 * be repeated. A person who begins anew after a restart begins each of them from its start.
 */
export class Behaviours {
  private readonly running = new Set<Running>();
  private begun = 0;

  constructor(
    private readonly person: Person,
    private readonly onError: (detail: string) => void,
  ) {
    person.onMessage((message) => this.take(message));
  }

  /** Begins; returns the way to end it. */
  begin(behaviour: Behaviour): () => void {
    this.begun += 1;
    const one: Running = { behaviour, timers: new Set(), hasEnded: false };
    const actor = this.actorOf(one);
    one.take = reactionTo(behaviour, actor);
    this.running.add(one);
    routineOf(behaviour, actor)?.();
    this.person.account.onChange?.();
    return () => this.end(one);
  }

  get list(): Behaviour[] {
    return [...this.running].map(({ behaviour }) => behaviour);
  }

  /** Ends all of them and begins these. */
  replace(behaviours: readonly Behaviour[]): void {
    this.endAll();
    for (const behaviour of behaviours) this.begin(behaviour);
  }

  endAll(): void {
    for (const one of this.running) this.end(one);
  }

  private take(message: ReceivedMessage): void {
    if (message.fromMe || message.repeat > 0 || message.kind === 'protocol') return;
    const neverReads = this.list.some(({ does }) => does === 'never-read');
    for (const { behaviour, take } of this.running) if (behaviour.does !== 'read' || !neverReads) take?.(message);
  }

  private end(one: Running): void {
    one.hasEnded = true;
    for (const timer of one.timers) timer.cancel();
    if (this.running.delete(one)) this.person.account.onChange?.();
  }

  private actorOf(one: Running): Actor {
    const { person } = this;
    const { clock, account } = person.phone;
    const random = account.world.random.fork(`behaviour/${person.number}/${this.begun}`);
    return {
      person,
      random,
      finish: () => this.end(one),
      later: (delay, act) => {
        const timer = clock.after(lengthOf(delay, random), () => {
          one.timers.delete(timer);
          if (!one.hasEnded) this.attempt(one.behaviour, act);
        });
        one.timers.add(timer);
      },
    };
  }

  private attempt({ does }: Behaviour, act: () => unknown): void {
    const failed = (error: Error): void => this.onError(`${this.person.number} could not ${does}: ${error.message}`);
    try {
      Promise.resolve(act()).catch(failed);
    } catch (error) {
      failed(error as Error);
    }
  }
}
