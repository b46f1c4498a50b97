import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren, type WASocket } from '@whiskeysockets/baileys';
import type { GroupFact } from '../../facts/group-facts.js';
import type { LiveSocket, SocketListener } from '../live-socket.js';
import { parseGroup } from './group-node.js';
import { parseGroupNotification } from './group-notification.js';
import type { GroupRosters } from './group-rosters.js';
import type { GroupSenderKeys } from './group-sender-keys.js';
import type { GroupSends } from './group-sends.js';

/** Where it is remembered, beside the keys of the link, that its groups have been listed once. */
const listed = { type: 'waypost', id: 'groups-listed' };

interface ListenerParts {
  rosters: GroupRosters;
  sends: GroupSends;
  senderKeys: GroupSenderKeys;
  /** Lists every group that this account is in; the answer passes by here. */
  list(): Promise<unknown>;
}

/** Hears of changes to groups and of lists of groups, and hands them on as facts before they are acknowledged. */
export class GroupListener implements SocketListener {
  constructor(
    private readonly live: LiveSocket,
    private readonly parts: ListenerParts,
  ) {}

  attach(sock: WASocket): void {
    const { ws, ev } = sock;
    ws.prependListener('CB:notification,type:w:gp2', (node: BinaryNode) => this.heard(node));
    // Every answer to "which groups am I in", whoever asked: the library does when the server says that they changed.
    ws.on('CB:iq,,groups', (node: BinaryNode) => this.listedAll(node));
    ws.prependListener('CB:ib,,dirty', (node: BinaryNode) => {
      if (getBinaryNodeChild(node, 'dirty')?.attrs.type === 'groups') this.remember(false);
    });
    ws.on('CB:ack,class:message', (node: BinaryNode) => this.parts.sends.takeAck(node));
    ev.on('connection.update', ({ connection }) => {
      if (connection === 'open') void this.listOnce();
    });
  }

  private heard(node: BinaryNode): void {
    const { facts, stale } = parseGroupNotification(node, this.live.auth.me);
    for (const groupId of stale) this.parts.rosters.doubt(groupId);
    this.tell(facts);
    const removals = facts.filter(
      (fact) => fact.type === 'group_members_changed' && (fact.change === 'removed' || fact.change === 'left'),
    );
    for (const groupId of new Set(removals.map((fact) => (fact as { groupId: string }).groupId))) {
      // Before it is acknowledged: after a crash it comes again.
      this.live.facts.holdFor('renewing a sender key', () => this.parts.senderKeys.rotate(groupId));
    }
  }

  private listedAll(node: BinaryNode): void {
    const at = new Date();
    const groups = getBinaryNodeChildren(getBinaryNodeChild(node, 'groups'), 'group').flatMap(
      (each) => parseGroup(each, this.live.auth.me) ?? [],
    );
    this.tell([
      ...groups.map((group): GroupFact => ({ type: 'group', group, by: null, how: 'looked_up', at, source: 'lookup' })),
      { type: 'group_list', groupIds: groups.map(({ id }) => id), at, source: 'lookup' },
    ]);
    void this.live.facts.stored().then(() => this.remember(true));
  }

  private tell(facts: GroupFact[]): void {
    if (facts.length === 0) return;
    this.live.facts.add(...facts);
    for (const fact of facts) this.parts.rosters.take(fact);
  }

  /** Once for each link, and again when it was interrupted before everything was stored. */
  private async listOnce(): Promise<void> {
    try {
      const found = await this.live.auth.keys.get(listed.type, [listed.id]);
      if (!found[listed.id]) await this.parts.list();
    } catch (error) {
      this.live.logger.warn({ err: error }, 'the groups could not be listed; the next connection tries again');
    }
  }

  private remember(done: boolean): void {
    this.live.auth.keys
      .set({ [listed.type]: { [listed.id]: done ? { done } : null } })
      .catch((error) => this.live.logger.debug({ err: error }, 'the listing of groups was not noted'));
  }
}
