import type { BinaryNode } from '../baileys.js';
import type { Timer } from '../time/clock.js';
import { children, stanza, wireTime } from '../wire/stanza.js';
import type { Account } from './account.js';
import { allows, seesLastSeen } from './accounts/privacy.js';
import type { Device } from './device.js';
import type { Directory } from './directory.js';

/**
 * Who types and does not go on ends after this long: clients renew it every few seconds (WA Web). Here the server says so
 * itself, so that every client sees it end.
 */
const TYPING_MS = 25_000;

/** Typing and online state. Nothing here is kept for a device that is away. */
export class Presence {
  private readonly online = new Map<Account, Set<Device>>();
  private readonly lastSeen = new Map<Account, string>();
  private readonly watching = new Map<Device, Set<Account>>();
  private readonly typists = new Map<string, Timer>();
  /** Shows the members of a group that one of them is typing. */
  typingInRoom?: (device: Device, chatstate: BinaryNode) => void;

  constructor(private readonly directory: Directory) {}

  /** Takes a `presence` of a device: its own state, a push name, or the wish to watch somebody. */
  accept(device: Device, presence: BinaryNode): void {
    const { type, to, name } = presence.attrs;
    if (type === 'subscribe') {
      const watched = this.directory.accountAt(to);
      if (watched) this.watch(device, watched);
      return;
    }
    if (name) device.account.name = name;
    if (type === 'unavailable') this.leave(device);
    else if (type === 'available' || type === undefined) this.enter(device);
  }

  /** Takes a `chatstate`: typing, recording or paused. */
  typing(device: Device, chatstate: BinaryNode): void {
    const target = this.directory.accountAt(chatstate.attrs.to);
    if (!target) this.typingInRoom?.(device, chatstate);
    if (!target || target.blocked.has(device.account.address('lid'))) return;
    const key = `${device.account.lid}:${device.number}>${target.lid}`;
    this.typists.get(key)?.cancel();
    this.typists.delete(key);
    this.showTyping(device.account, target, chatstate.content);
    if (children(chatstate)[0]?.tag !== 'composing') return;
    const expire = (): void => {
      this.typists.delete(key);
      this.showTyping(device.account, target, [stanza('paused')]);
    };
    this.typists.set(key, device.account.world.clock.after(TYPING_MS, expire));
  }

  /** The device has gone: it is not online, and its wishes to watch end. */
  forget(device: Device): void {
    this.leave(device);
    for (const account of this.watching.get(device) ?? []) account.watchers.delete(device);
    this.watching.delete(device);
  }

  private showTyping(typist: Account, target: Account, content: BinaryNode['content']): void {
    const from = typist.address(target.addressing);
    for (const one of target.devices.values()) one.tell(stanza('chatstate', { from }, content));
  }

  private watch(device: Device, watched: Account): void {
    watched.watchers.add(device);
    const all = this.watching.get(device) ?? new Set();
    this.watching.set(device, all.add(watched));
    device.tell(this.stateOf(watched, device));
  }

  private enter(device: Device): void {
    const devices = this.online.get(device.account);
    if (devices) {
      devices.add(device);
      return;
    }
    this.online.set(device.account, new Set([device]));
    this.announce(device.account);
  }

  private leave(device: Device): void {
    const devices = this.online.get(device.account);
    if (!devices?.delete(device) || devices.size > 0) return;
    this.online.delete(device.account);
    this.lastSeen.set(device.account, wireTime(device.account.world.clock));
    this.announce(device.account);
  }

  private announce(account: Account): void {
    for (const watcher of account.watchers) watcher.tell(this.stateOf(account, watcher));
  }

  private stateOf(account: Account, watcher: Device): BinaryNode {
    const from = account.address(watcher.account.addressing);
    const viewer = watcher.account;
    if (this.online.has(account) && allows(account, viewer, 'online')) {
      return stanza('presence', { from, type: 'available' });
    }
    const last = seesLastSeen(account, viewer) ? this.lastSeen.get(account) : undefined;
    return stanza('presence', { from, type: 'unavailable', last: last ?? 'deny' });
  }
}
