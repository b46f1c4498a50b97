import type { BinaryNode } from '../../baileys.js';
import { child, children } from '../../wire/stanza.js';
import { type Carried, type Carrier, roomMessage } from '../carrier.js';
import type { Device } from '../device.js';
import type { Directory } from '../directory.js';
import type { Counters } from '../observation.js';
import { damaged } from '../router.js';

export const STATUS_JID = 'status@broadcast';
const MALFORMED = 479;

/**
 * Carries a status to those for whom the author enclosed the key. The server does not know the audience: it is what the
 * author's device made of its privacy list.
 */
export class StatusCarrier implements Carrier {
  constructor(
    private readonly directory: Directory,
    private readonly counters: Counters,
  ) {}

  carry(sender: Device, message: BinaryNode): Carried {
    const common = child(message, 'enc');
    const again = this.directory.deviceAt(message.attrs.participant);
    if (again && common) {
      // What one device could not read, sent to it alone (whatsmeow, retry.go).
      this.counters.add('messages.delivered');
      again.deliver(roomMessage(statusRoom(again, sender), sender, message, [common]));
      return {};
    }
    if (message.attrs.to !== STATUS_JID || common?.attrs.type !== 'skmsg') return { error: MALFORMED };
    for (const part of children(child(message, 'participants'), 'to')) {
      const device = this.directory.deviceAt(part.attrs.jid);
      const key = child(part, 'enc');
      if (!device || !key || device === sender) continue;
      // Whoever has blocked the author sees none of it.
      if (device.account.blocked.has(sender.account.address('lid'))) continue;
      this.counters.add('messages.delivered');
      const encs = [key, damaged(device, common)];
      device.deliver(roomMessage(statusRoom(device, sender), sender, message, encs));
    }
    return {};
  }
}

/**
 * The author's own devices see it under their phone number: by LID, Baileys does not recognise its own status
 * (Utils/decode-wa-message.js, `isParticipantMe`).
 */
const statusRoom = (device: Device, sender: Device) => ({
  jid: STATUS_JID,
  addressing: device.account === sender.account ? ('pn' as const) : device.account.addressing,
});
