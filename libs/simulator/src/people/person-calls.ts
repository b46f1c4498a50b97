import type { BinaryNode } from '../baileys.js';
import type { Account } from '../network/account.js';
import type { CallState, Calls } from '../network/calls.js';
import type { Directory } from '../network/directory.js';
import { children, stanza } from '../wire/stanza.js';
import { Feed } from './feed.js';
import type { Phone } from './phone.js';
import type { PhoneTask } from './phone-task.js';

const KEPT_CALLS = 1_000;
const DEFAULT_TIMEOUT_MS = 10_000;

/** What a phone heard about a call. */
export interface CallRecord {
  index: number;
  id: string;
  /** Phone number of who called. */
  from: string;
  /** `offer`, `accept`, `reject`, `terminate`… as it came. */
  what: string;
  video: boolean;
  /** Why it ended, when it did. */
  reason?: string;
  at: number;
}

/** Calling people, and being called. */
export class PersonCalls implements PhoneTask {
  /** Everything this phone heard about calls, its own included. */
  readonly heard = new Feed<CallRecord>(KEPT_CALLS);
  private readonly account: Account;

  constructor(
    private readonly phone: Phone,
    private readonly calls: Calls,
    private readonly directory: Directory,
  ) {
    this.account = phone.account;
  }

  /** Calls somebody; all their devices ring, for 45 seconds at most. Returns the id of the call. */
  ring(to: string, options: { video?: boolean } = {}): string {
    return this.begin([this.known(to)], options.video ?? false);
  }

  /** Calls members of a group. */
  ringGroup(group: string, members: string[], options: { video?: boolean } = {}): string {
    const others = members.map((number) => this.known(number)).filter((other) => other !== this.account);
    return this.begin(others, options.video ?? false, group);
  }

  accept(id: string): void {
    this.say(id, 'accept');
  }

  reject(id: string): void {
    this.say(id, 'reject');
  }

  /** Ends a call, or stops ringing. */
  hangUp(id: string): void {
    this.say(id, 'terminate');
  }

  stateOf(id: string): CallState | undefined {
    return this.calls.find(id)?.state;
  }

  /** The first thing heard of this kind, already here or arriving in time. */
  expect(what: string, options: { id?: string; after?: number; timeoutMs?: number } = {}): Promise<CallRecord> {
    const { id, after, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    const matches = (record: CallRecord): boolean => record.what === what && (id === undefined || record.id === id);
    return this.heard.wait(matches, { after, timeoutMs, what: `call ${what} at ${this.account.number}` });
  }

  take(node: BinaryNode): void {
    if (node.tag !== 'call') return;
    const [what] = children(node);
    const id = what?.attrs['call-id'];
    const caller = this.directory.accountAt(what?.attrs['call-creator']);
    if (!what || !id || !caller) return;
    const video = this.calls.find(id)?.video ?? false;
    const { reason } = what.attrs;
    const at = this.phone.clock.now();
    this.heard.append((index) => ({ index, id, from: caller.number, what: what.tag, video, reason, at }));
  }

  private begin(to: Account[], video: boolean, group?: string): string {
    const id = this.phone.newMessageId();
    this.calls.ring({ id, from: this.account, to, video, ...(group ? { group } : {}) });
    return id;
  }

  private say(id: string, what: string): void {
    const call = this.calls.find(id);
    if (!call) throw new Error(`there is no call ${id}`);
    this.calls.take(call, this.phone.device, stanza(what, { 'call-id': id }));
  }

  private known(number: string): Account {
    const account = this.directory.find(number);
    if (!account) throw new Error(`nobody has the number ${number} in this simulation`);
    return account;
  }
}
