import { createHash } from 'node:crypto';
import { jidDecode } from '@whiskeysockets/baileys';

/**
 * The hash over all devices that a message to a group is meant for. The server answers with its own when it knows others:
 * then our list is out of date (whatsmeow, send.go, `participantListHashV2`: user, agent, device and server, sorted).
 */
export function participantHash(deviceJids: Iterable<string>): string {
  const devices = [...deviceJids].flatMap((jid) => {
    const decoded = jidDecode(jid);
    return decoded ? [`${decoded.user}.0:${decoded.device ?? 0}@${decoded.server}`] : [];
  });
  return `2:${createHash('sha256').update(devices.sort().join('')).digest('base64').slice(0, 6)}`;
}
