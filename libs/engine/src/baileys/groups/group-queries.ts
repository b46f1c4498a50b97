import { type BinaryNode, getBinaryNodeChild } from '@whiskeysockets/baileys';
import type { Address } from '../../address.js';
import { EngineError } from '../../engine.js';
import type { GroupInfo } from '../../facts/group-facts.js';
import { ask, statusOf } from '../ask.js';
import type { LiveSocket } from '../live-socket.js';
import { QueryBudget } from '../query-budget.js';
import { parseGroup } from './group-node.js';

const queryTimeoutMs = 30_000;

/**
 * Asks the server about groups and changes them (`w:g2`; stanzas as in whatsmeow, group.go, and Baileys,
 * Socket/groups.js). Questions share one budget per profile: the server answers more than some 30 a minute with 429.
 */
export class GroupQueries {
  readonly budget = new QueryBudget({ perMinute: 20, burst: 10, maxWaitMs: 20_000 });

  constructor(private readonly live: LiveSocket) {}

  /** Answers with the first child of the result. @throws EngineError */
  async get(what: string, to: string, question: BinaryNode): Promise<BinaryNode | undefined> {
    await this.budget.turn();
    try {
      return await this.query(what, 'get', to, question);
    } catch (error) {
      if (error instanceof EngineError && error.code === 'rate_limited') this.budget.exceeded();
      throw error;
    }
  }

  /** As `get`, for a wish. */
  set(what: string, to: string, wish: BinaryNode): Promise<BinaryNode | undefined> {
    return this.query(what, 'set', to, wish);
  }

  /** The group that an answer carries. */
  groupIn(node: BinaryNode | undefined): GroupInfo {
    const group = node?.tag === 'group' ? parseGroup(node, this.live.auth.me) : null;
    if (!group) throw badAnswer('a group');
    return group;
  }

  private async query(what: string, type: 'get' | 'set', to: string, content: BinaryNode) {
    const socket = this.live.socket();
    const attrs = { type, xmlns: 'w:g2', to };
    try {
      const answer = await ask(what, () => socket.query({ tag: 'iq', attrs, content: [content] }, queryTimeoutMs));
      return Array.isArray(answer?.content) ? answer.content[0] : undefined;
    } catch (error) {
      throw explained(what, error);
    }
  }
}

/** The address by which the server knows a group. */
export const groupJid = (groupId: string): string => `${groupId}@g.us`;
/** Where wishes go that are about no group yet. */
export const groupServer = '@g.us';

/** A `participant` node for each person. */
export function peopleNodes(people: Address[], jidOf: (person: Address) => string): BinaryNode[] {
  if (people.length === 0) throw invalid('Nobody was named.');
  return [...new Set(people.map(jidOf))].map((jid) => ({ tag: 'participant', attrs: { jid } }));
}

export function required(node: BinaryNode | undefined, tag: string): BinaryNode {
  const found = node?.tag === tag ? node : getBinaryNodeChild(node, tag);
  if (!found) throw badAnswer(`"${tag}"`);
  return found;
}

/** Before anything is asked: it could only be refused. */
export function invalid(why: string): EngineError {
  return new EngineError('refused_as_invalid', why, { retryable: false, outcome: 'not_sent' });
}

function badAnswer(what: string): EngineError {
  return new EngineError('server_error', `WhatsApp answered without ${what}.`, { retryable: true, outcome: 'unknown' });
}

/** Codes as whatsmeow names them (errors.go): 401 wants an admin, 403 a member. */
function explained(what: string, error: unknown): unknown {
  if (!(error instanceof EngineError)) return error;
  const status = statusOf(error.facts.cause);
  const message =
    status === 401
      ? 'Only admins of the group may do that.'
      : status === 403
        ? 'This account is not a member of the group.'
        : null;
  return message ? new EngineError(error.code, `${message} (${what})`, error.facts) : error;
}
