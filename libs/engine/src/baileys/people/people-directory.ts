import type { Address } from '../../address.js';
import { toJid } from '../../address.js';
import { ask } from '../ask.js';
import type { LiveSocket } from '../live-socket.js';
import { QueryBudget } from '../query-budget.js';
import { type AskedUser, readUsync, type UserAnswer, type UserTopic, usyncRequest } from './usync.js';

/** How many people are asked about in one question. */
const portion = 100;

/** Asks WhatsApp about people, in portions and paced, and remembers which addresses belong together. */
export class PeopleDirectory {
  private readonly budget = new QueryBudget({ perMinute: 20, burst: 10, maxWaitMs: 30_000 });

  constructor(private readonly live: LiveSocket) {}

  /** What WhatsApp says, in no certain order. @throws EngineError `rate_limited`, or as `ask` */
  async ask(topics: UserTopic[], users: AskedUser[]): Promise<UserAnswer[]> {
    const answers: UserAnswer[] = [];
    for (let start = 0; start < users.length; start += portion) {
      await this.budget.turn();
      answers.push(...(await this.askSome(topics, users.slice(start, start + portion))));
    }
    return answers;
  }

  /** By address; the answers in the order of asking, null for who is not there. */
  async about(topics: UserTopic[], people: Address[]): Promise<(UserAnswer | null)[]> {
    const answers = await this.ask(
      topics,
      people.map((person) => ({ jid: toJid(person) })),
    );
    return people.map((person) => answers.find((answer) => answer.person && isSame(answer.person, person)) ?? null);
  }

  private async askSome(topics: UserTopic[], users: AskedUser[]): Promise<UserAnswer[]> {
    const sock = this.live.socket();
    const answers = await ask('asking about people', async () =>
      readUsync(await sock.query(usyncRequest(sock.generateMessageTag(), topics, users))),
    );
    const pairs = answers.flatMap(({ person }) =>
      person?.phone && person.lid ? [{ pn: `${person.phone}@s.whatsapp.net`, lid: `${person.lid}@lid` }] : [],
    );
    if (pairs.length > 0) await sock.signalRepository.lidMapping.storeLIDPNMappings(pairs);
    return answers;
  }
}

export const isSame = (a: Address, b: Address): boolean =>
  (a.phone !== null && a.phone === b.phone) || (a.lid !== null && a.lid === b.lid);
