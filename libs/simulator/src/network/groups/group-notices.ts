import type { BinaryNode } from '../../baileys.js';
import type { World } from '../../time/world.js';
import { serverId, stanza, wireTime } from '../../wire/stanza.js';
import type { Account } from '../account.js';
import type { Group } from './group.js';
import { groupNode, participantNode } from './group-node.js';

/** Tells every device of every member what has changed, the phones among them, and those whom it concerns besides. */
export class GroupNotices {
  constructor(private readonly world: World) {}

  /** A change of the group. `by` is absent when the server itself made it. */
  changed(group: Group, by: Account | undefined, change: BinaryNode, besides: Iterable<Account> = []): void {
    const node = this.notice(group, by, change);
    for (const account of new Set([...group.members.keys(), ...besides])) account.deliver(node);
  }

  /** Only some are told: requests to join are for admins and for who asked. */
  told(group: Group, by: Account | undefined, change: BinaryNode, accounts: Iterable<Account>): void {
    const node = this.notice(group, by, change);
    for (const account of accounts) account.deliver(node);
  }

  /** The people themselves are listed in a change: added, removed, promoted, demoted. */
  people(
    group: Group,
    by: Account | undefined,
    tag: 'add' | 'remove' | 'promote' | 'demote',
    accounts: readonly Account[],
    reason?: string,
  ): void {
    group.version += 1;
    const listed = accounts.map((one) => participantNode(group, one));
    const change = stanza(tag, { reason, prev_v_id: group.version - 1, v_id: group.version }, listed);
    this.changed(group, by, change, accounts);
  }

  /**
   * Newcomers get the whole group, as a client that joins does (whatsmeow, group.go, `parseGroupCreate`); the others hear
   * who has come.
   */
  joined(group: Group, by: Account | undefined, newcomers: readonly Account[], reason?: string): void {
    if (newcomers.length === 0) return;
    group.version += 1;
    const listed = newcomers.map((one) => participantNode(group, one));
    const add = stanza('add', { reason, prev_v_id: group.version - 1, v_id: group.version }, listed);
    const fresh = new Set(newcomers);
    this.told(
      group,
      by,
      add,
      [...group.members.keys()].filter((one) => !fresh.has(one)),
    );
    this.told(group, by, stanza('create', { reason }, [groupNode(group)]), fresh);
  }

  created(group: Group, by: Account, key: string | undefined): void {
    this.changed(group, by, stanza('create', { type: 'new', key }, [groupNode(group)]));
  }

  /** The picture is told in a notification of its own kind, as that of a person is. */
  picture(group: Group, by: Account): void {
    const { pictureId } = group;
    const author = group.addressOf(by);
    const change = pictureId
      ? stanza('set', { id: pictureId, author, jid: group.jid })
      : stanza('delete', { author, jid: group.jid });
    for (const account of group.members.keys()) {
      account.deliver(stanza('notification', { ...this.head(group, by), type: 'picture' }, [change]));
    }
  }

  private notice(group: Group, by: Account | undefined, change: BinaryNode): BinaryNode {
    return stanza('notification', { ...this.head(group, by), type: 'w:gp2' }, [change]);
  }

  private head(group: Group, by: Account | undefined): Record<string, string | undefined> {
    return {
      from: group.jid,
      id: serverId(),
      t: wireTime(this.world.clock),
      addressing_mode: group.addressing,
      ...(by
        ? {
            participant: group.addressOf(by),
            [group.addressing === 'lid' ? 'participant_pn' : 'participant_lid']: group.otherAddressOf(by),
            notify: by.name,
          }
        : {}),
    };
  }
}
