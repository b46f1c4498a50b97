import type { Span } from '../../time/span.js';
import type { Behaviour } from './behaviour.js';
import type { Actor } from './behaviours.js';

/** How a behaviour begins that acts by itself; nothing for one that only reacts. */
export function routineOf(behaviour: Behaviour, actor: Actor): (() => void) | undefined {
  switch (behaviour.does) {
    case 'flood':
      return () => flood(behaviour, actor);
    case 'chat':
      return () => chat(behaviour, actor);
    case 'come-and-go':
      return () => goOffline(behaviour, actor);
    case 'change-number':
      return () => once(behaviour.afterMs, actor, () => actor.person.changeNumber(behaviour.to));
    case 'reinstall':
      return () => once(behaviour.afterMs, actor, () => actor.person.reinstall());
    default:
      return undefined;
  }
}

function flood(behaviour: Behaviour & { does: 'flood' }, { person, later }: Actor): void {
  const { to, count, everyMs = 0, afterMs = 0, text = 'flood', encryptsFirst = false } = behaviour;
  const prepared = Array.from({ length: encryptsFirst ? count : 0 }, (_, index) => {
    const ready = person.prepareText(to, `${text} ${index + 1}`);
    // Told when its turn comes.
    ready.catch(() => undefined);
    return ready;
  });
  const send = (n: number): void =>
    later(n === 1 ? afterMs : everyMs, async () => {
      if (n < count) send(n + 1);
      const leave = await prepared[n - 1];
      return leave ? leave() : person.sendText(to, `${text} ${n}`);
    });
  if (count > 0) send(1);
}

function chat(behaviour: Behaviour & { does: 'chat' }, { person, random, later }: Actor): void {
  let written = 0;
  const write = (): void =>
    later(behaviour.everyMs, () => {
      write();
      written += 1;
      return person.sendText(random.pick(behaviour.with), `${person.name} writes for the ${written}. time`);
    });
  write();
}

function once(afterMs: Span | undefined, { later, finish }: Actor, act: () => void): void {
  later(afterMs, () => {
    finish();
    act();
  });
}

function goOffline(behaviour: Behaviour & { does: 'come-and-go' }, actor: Actor): void {
  const { person, later } = actor;
  later(behaviour.onlineMs, () => {
    person.goOffline();
    later(behaviour.offlineMs, () => {
      person.goOnline();
      goOffline(behaviour, actor);
    });
  });
}
