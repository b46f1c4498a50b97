import type { BinaryNode } from '../baileys.js';
import type { Timer } from '../time/clock.js';
import { children, SERVER, serverId, stanza } from '../wire/stanza.js';
import type { Account } from './account.js';
import { allows } from './accounts/privacy.js';
import type { Device } from './device.js';
import type { Directory } from './directory.js';
import type { Problems } from './problems.js';
import { nameOf } from './router.js';

/** After ringing this long a call has failed. */
const RING_MS = 45_000;
/** What devices may say to each other about a call (Baileys `getCallStatusFromNode`, whatsmeow `handleCallEvent`). */
const VERBS = new Set([
  ...['offer', 'offer_notice', 'accept', 'preaccept', 'reject', 'terminate', 'transport', 'relaylatency'],
  ...['mute_v2', 'interruption', 'video', 'heartbeat'],
]);

export type CallState = 'ringing' | 'accepted' | 'rejected' | 'ended' | 'missed';

/** A call as the network sees it. */
export interface Call {
  id: string;
  from: Account;
  /** Who is called: one person, or the members of a group. */
  to: Account[];
  group?: string;
  video: boolean;
  state: CallState;
  acceptedBy?: Device;
  timer?: Timer;
}

/** Carries what devices say about calls and knows which calls ring. No sound or picture is carried: there is no relay. */
export class Calls {
  private readonly calls = new Map<string, Call>();
  /** Called at each change of a call. */
  onChange?: (call: Call) => void;

  constructor(
    private readonly directory: Directory,
    private readonly problems: Problems,
  ) {}

  find(id: string): Call | undefined {
    return this.calls.get(id);
  }

  /** Takes a `call` of a device over and answers with its acknowledgement. */
  accept(device: Device, node: BinaryNode): BinaryNode {
    const [what] = children(node);
    const { id, to } = node.attrs;
    if (what?.tag === 'link_create') return this.makeLink(device, node, what);
    const ack = (error?: number): BinaryNode => stanza('ack', { class: 'call', id, from: to, type: what?.tag, error });
    const callId = what?.attrs['call-id'];
    if (!what || !callId || !VERBS.has(what.tag)) {
      this.problems.add('unknown-stanza', nameOf(device), `call › ${what?.tag ?? 'nothing'}`);
      return ack(400);
    }
    const other = this.directory.accountAt(to);
    if (!other) return ack(404);
    if (what.tag === 'offer') {
      const video = children(what).some(({ tag }) => tag === 'video');
      return this.ring({ id: callId, from: device.account, to: [other], video }, what.content) ? ack() : ack(404);
    }
    const call = this.calls.get(callId);
    if (!call) return ack(404);
    this.take(call, device, what);
    return ack();
  }

  /** Begins a call: every device of who is called rings. Returns false when nobody may be called. */
  ring(call: Omit<Call, 'state'>, content?: BinaryNode['content']): boolean {
    const reachable = call.to.filter((other) => allows(other, call.from, 'calladd'));
    const ringing: Call = { ...call, state: 'ringing' };
    this.calls.set(call.id, ringing);
    ringing.timer = call.from.world.clock.after(RING_MS, () => this.end(ringing, 'missed', 'timeout'));
    const details = content ?? [
      stanza('audio', { enc: 'opus', rate: 16_000 }),
      ...(call.video ? [stanza('video')] : []),
    ];
    for (const other of reachable) {
      const attrs = {
        ...this.creator(call, other),
        ...(call.group ? { 'group-jid': call.group, type: 'group' } : {}),
      };
      this.tell(other, call.from, call.from.devices.get(0), stanza('offer', attrs, details));
    }
    this.changed(ringing);
    return call.to.length > 0;
  }

  /** Somebody who is called, or the caller, does something about it. */
  take(call: Call, device: Device, what: BinaryNode): void {
    const isCaller = device.account === call.from;
    switch (what.tag) {
      case 'accept':
        if (call.state !== 'ringing') return;
        call.timer?.cancel();
        call.state = 'accepted';
        call.acceptedBy = device;
        this.tell(call.from, device.account, device, stanza('accept', this.creator(call, call.from)));
        this.endElsewhere(call, device, 'accepted_elsewhere');
        this.changed(call);
        break;
      case 'reject':
        if (call.state !== 'ringing') return;
        call.timer?.cancel();
        call.state = 'rejected';
        this.tell(call.from, device.account, device, stanza('reject', this.creator(call, call.from)));
        this.endElsewhere(call, device, 'rejected_elsewhere');
        this.changed(call);
        break;
      case 'terminate':
        this.end(call, call.state === 'ringing' ? 'missed' : 'ended', what.attrs.reason, device);
        break;
      default: {
        const others = isCaller ? call.to : [call.from];
        for (const other of others) {
          const attrs = { ...what.attrs, ...this.creator(call, other) };
          this.tell(other, device.account, device, stanza(what.tag, attrs, what.content));
        }
      }
    }
  }

  private end(call: Call, state: CallState, reason: string | undefined, by?: Device): void {
    if (call.state !== 'ringing' && call.state !== 'accepted') return;
    call.timer?.cancel();
    call.state = state;
    const parties = [call.from, ...call.to];
    for (const other of parties) {
      if (other === (by?.account ?? call.from) && by) continue;
      const from = other === call.from ? (call.to[0] ?? call.from) : call.from;
      this.tell(other, from, undefined, stanza('terminate', { ...this.creator(call, other), reason }));
    }
    this.changed(call);
  }

  /** The other devices of whoever answered stop ringing. */
  private endElsewhere(call: Call, device: Device, reason: string): void {
    const node = stanza('terminate', { ...this.creator(call, device.account), reason });
    this.tell(device.account, call.from, undefined, node, device);
  }

  private creator(call: Omit<Call, 'state'>, viewer: Account): Record<string, string | undefined> {
    const creator = call.from.address(viewer.addressing);
    const alternative = viewer.addressing === 'lid' ? { caller_pn: call.from.address('pn') } : {};
    return { 'call-id': call.id, 'call-creator': creator, ...alternative };
  }

  private tell(to: Account, from: Account, by: Device | undefined, what: BinaryNode, except?: Device): void {
    const attrs = {
      ...{ id: serverId(), from: from.address(to.addressing, by?.number), notify: from.name },
      ...{ platform: 'android', version: '2.26.1' },
    };
    to.deliver(stanza('call', attrs, [what]), { except });
  }

  private changed(call: Call): void {
    this.onChange?.(call);
    // What is over is of no more use once everybody has heard of it.
    if (call.state !== 'ringing' && call.state !== 'accepted' && this.calls.size > 1_000) {
      const oldest = this.calls.keys().next().value;
      if (oldest !== undefined) this.calls.delete(oldest);
    }
  }

  private makeLink(device: Device, node: BinaryNode, what: BinaryNode): BinaryNode {
    const token = device.account.world.random.hex(11);
    const answer = stanza('link_create', { media: what.attrs.media, token });
    return stanza('ack', { class: 'call', id: node.attrs.id, from: node.attrs.to ?? SERVER, type: 'link_create' }, [
      answer,
    ]);
  }
}
