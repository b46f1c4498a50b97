import { type BinaryNode, proto } from '../../baileys.js';
import type { Companion } from '../../network/companion.js';
import { child } from '../../wire/stanza.js';
import type { Phone } from '../phone.js';
import type { PhoneTask } from '../phone-task.js';
import type { PersonSettings } from './person-settings.js';

/** Keeps the phone's settings up to date, and gives companions the keys they lack. */
export class SettingsKeeper implements PhoneTask {
  constructor(
    private readonly phone: Phone,
    private readonly settings: PersonSettings,
  ) {}

  async take(node: BinaryNode): Promise<void> {
    if (node.tag !== 'notification') return;
    if (node.attrs.type === 'server_sync' && child(node, 'collection')) await this.settings.sync.pull();
  }

  async takePeer(from: Companion, message: proto.IMessage): Promise<void> {
    const request = message.protocolMessage;
    if (request?.type !== proto.Message.ProtocolMessage.Type.APP_STATE_SYNC_KEY_REQUEST) return;
    const ids = (request.appStateSyncKeyRequest?.keyIds ?? []).map(({ keyId }) => Buffer.from(keyId ?? []));
    await this.phone.sendPeer(from, this.settings.sync.keyShare(from, ids));
  }

  /** As phones do after a companion was removed: what it knows opens nothing that comes later. */
  async renewKey(): Promise<void> {
    this.settings.sync.rotateKey();
    for (const companion of this.phone.account.companions) {
      await this.phone.sendPeer(companion, this.settings.sync.keyShare(companion));
    }
  }
}
