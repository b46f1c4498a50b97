import type { BinaryNode } from '../../baileys.js';
import { notification, stanza, wireTime } from '../../wire/stanza.js';
import type { Account } from '../account.js';
import type { Device } from '../device.js';
import type { Directory } from '../directory.js';
import { audienceOf } from './audience.js';
import { allows, isPrivacyValue } from './privacy.js';

/** Where profile pictures lie. */
export interface PictureHost {
  /** Stores a picture and returns the id under which `pictureUrl` finds it. */
  putPicture(image: Buffer): string;
  pictureUrl(id: string, form?: 'image' | 'preview'): { url: string; directPath: string };
}

/** About texts, pictures, privacy and block lists: changed by a phone or a companion, told to whom they concern. */
export class Profiles {
  constructor(
    private readonly directory: Directory,
    readonly pictures: PictureHost,
  ) {}

  setAbout(account: Account, text: string, by?: Device): void {
    account.about = text;
    account.card.aboutAt = account.world.clock.now();
    // whatsmeow knows the type `status` (`<set>` with the text); Baileys acknowledges it and does no more.
    const set = stanza('set', {}, Buffer.from(text));
    for (const other of audienceOf(account, this.directory)) {
      if (!allows(account, other, 'status')) continue;
      other.deliver(notification('status', [set], account.address(other.addressing)));
    }
    this.tellOwn(account, stanza('status', {}, Buffer.from(text)), by);
  }

  /** Sets the picture, or takes it away when there is none. Returns its id. */
  setPicture(account: Account, image: Buffer | undefined, by?: Device): string | undefined {
    account.pictureId = image && this.pictures.putPicture(image);
    for (const other of [account, ...audienceOf(account, this.directory)]) {
      if (!allows(account, other, 'profile')) continue;
      const jid = account.address(other.addressing);
      const change = account.pictureId
        ? stanza('set', { jid, id: account.pictureId, author: jid })
        : stanza('delete', { jid, author: jid });
      other.deliver(notification('picture', [change], jid), { except: by });
    }
    return account.pictureId;
  }

  setDisappearing(account: Account, seconds: number, by?: Device): void {
    const { clock } = account.world;
    account.card.disappearing = { seconds, at: clock.now() };
    this.tellOwn(account, stanza('disappearing_mode', { duration: seconds, t: wireTime(clock) }), by);
  }

  /** Changes one privacy setting. Returns false for one that there is not, or a value it cannot take. */
  setPrivacy(
    account: Account,
    name: string,
    value: string,
    options: { exempt?: Account[]; by?: Device } = {},
  ): boolean {
    if (!isPrivacyValue(name, value)) return false;
    account.privacy.set(name, value);
    if (options.exempt) account.card.exempt.set(name, new Set(options.exempt));
    this.tellOwn(account, stanza('privacy', {}, [stanza('category', { name, value })]), options.by);
    return true;
  }

  block(account: Account, other: Account, by?: Device): void {
    account.blocked.add(other.address('lid'));
    this.tellBlockList(account, other, 'block', by);
  }

  unblock(account: Account, other: Account, by?: Device): void {
    account.blocked.delete(other.address('lid'));
    this.tellBlockList(account, other, 'unblock', by);
  }

  private tellBlockList(account: Account, other: Account, action: 'block' | 'unblock', by?: Device): void {
    const item = stanza('item', { action, jid: other.address('lid'), pn_jid: other.address('pn') });
    this.tellOwn(account, stanza('blocklist', {}, [item]), by);
  }

  /** The account's devices learn what another one of them changed (whatsmeow `handleAccountSyncNotification`). */
  private tellOwn(account: Account, what: BinaryNode, by?: Device): void {
    const from = account.address(account.addressing);
    account.deliver(notification('account_sync', [what], from), { except: by });
  }
}
