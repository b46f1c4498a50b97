import { type BinaryNode, getAllBinaryNodeChildren, getBinaryNodeChild, type WASocket } from '@whiskeysockets/baileys';
import type { CallsAbility } from '../abilities/calls.js';
import { type Address, joinAddresses, parseJid, toJid } from '../address.js';
import { parseChatJid } from '../chat-address.js';
import type { CallFact, CallState } from '../facts/call-facts.js';
import { ask, notSupported } from './ask.js';
import type { LiveSocket, SocketListener } from './live-socket.js';

/** What a link begins with, by its kind (WA Web). */
const linkPrefix = { audio: 'https://call.whatsapp.com/voice/', video: 'https://call.whatsapp.com/video/' } as const;

/** See `CallsAbility`. Also tells of calls: their stanzas are acknowledged when it is stored (socket-factory.ts). */
export class BaileysCalls implements CallsAbility, SocketListener {
  constructor(
    private readonly live: LiveSocket,
    /** Refuses every call that begins. */
    private readonly rejectsAll: () => boolean,
  ) {}

  attach(sock: WASocket): void {
    sock.ws.prependListener('CB:call', (node: BinaryNode) => {
      const fact = callFact(node);
      if (!fact) return;
      this.live.facts.add(fact);
      if (fact.state === 'ringing' && this.rejectsAll() && !node.attrs.offline) this.rejectItself(fact);
    });
  }

  async reject(callId: string, from: Address): Promise<void> {
    const sock = this.live.socket();
    const caller = await this.live.book.complete(from);
    const jid = caller.lid ? `${caller.lid}@lid` : toJid(caller);
    await ask('rejecting a call', () => sock.rejectCall(callId, jid));
    this.live.facts.add({
      type: 'call',
      at: new Date(),
      source: 'lookup',
      callId,
      from: caller,
      groupId: null,
      isVideo: null,
      state: 'rejected',
      reason: null,
    });
  }

  async createLink(media: 'audio' | 'video', startsAt: Date | null): Promise<{ url: string }> {
    const event = startsAt ? { startTime: Math.floor(startsAt.getTime() / 1000) } : undefined;
    const token = await ask('making a call link', () => this.live.socket().createCallLink(media, event));
    if (!token) throw notSupported('WhatsApp gave no call link for this account.');
    return { url: `${linkPrefix[media]}${token}` };
  }

  async place(): Promise<void> {
    throw notSupported(
      "A call needs a client that speaks WhatsApp's media relay; a linked device here can only refuse.",
    );
  }

  private rejectItself({ callId, from }: CallFact): void {
    this.reject(callId, from).catch((error) => this.live.logger.debug({ err: error }, 'a call could not be refused'));
  }
}

/** Words of `terminate` that say what became of a call that rang here too (whatsmeow, call.go; WA Web). */
const outcomes: Record<string, CallState> = {
  accepted_elsewhere: 'accepted',
  rejected_elsewhere: 'rejected',
  timeout: 'missed',
};

/** What a `call` stanza says; null for what belongs to the sound and picture of a call only. */
export function callFact(node: BinaryNode): CallFact | null {
  const [what] = getAllBinaryNodeChildren(node);
  const callId = what?.attrs['call-id'];
  if (!what || !callId) return null;
  const state = stateOf(what);
  const creator = parseJid(what.attrs['call-creator'] ?? what.attrs.from ?? node.attrs.from);
  const from = joinAddresses(creator, parseJid(what.attrs.caller_pn) ?? parseJid(what.attrs.caller_lid));
  if (!state || !from) return null;
  const group = parseChatJid(what.attrs['group-jid']);
  const seconds = Number(node.attrs.t);
  return {
    type: 'call',
    at: seconds > 0 ? new Date(seconds * 1000) : new Date(),
    source: 'notification',
    callId,
    from,
    groupId: group?.kind === 'group' ? group.id : null,
    isVideo: isVideo(what),
    state,
    reason: what.attrs.reason ?? null,
  };
}

function stateOf({ tag, attrs }: BinaryNode): CallState | null {
  if (tag === 'offer' || tag === 'offer_notice') return 'ringing';
  if (tag === 'accept') return 'accepted';
  if (tag === 'reject') return 'rejected';
  return tag === 'terminate' ? (outcomes[attrs.reason ?? ''] ?? 'ended') : null;
}

function isVideo(what: BinaryNode): boolean | null {
  if (what.tag === 'offer') return getBinaryNodeChild(what, 'video') !== undefined;
  return what.tag === 'offer_notice' ? what.attrs.media === 'video' : null;
}
