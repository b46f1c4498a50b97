import { deflateSync } from 'node:zlib';
import { proto, type WireMessage } from '../baileys.js';
import type { Companion } from './companion.js';

/**
 * What a phone sends a companion right after linking: the key of the synchronised settings, and the (empty) initial
 * history, inline. Without it clients wait up to 20 seconds before their first events.
 */
export function bootstrapMessages(companion: Companion): WireMessage[] {
  const { key } = companion.account.appState;
  const Type = proto.Message.ProtocolMessage.Type;
  const history = proto.HistorySync.encode({
    syncType: proto.HistorySync.HistorySyncType.INITIAL_BOOTSTRAP,
    conversations: [],
    chunkOrder: 1,
    progress: 100,
    phoneNumberToLidMappings: [],
  }).finish();
  return [
    {
      protocolMessage: {
        type: Type.APP_STATE_SYNC_KEY_SHARE,
        appStateSyncKeyShare: {
          keys: [
            {
              keyId: { keyId: key.id },
              keyData: {
                keyData: key.data,
                fingerprint: { rawId: 4242, currentIndex: 0, deviceIndexes: [0, companion.number] },
                timestamp: companion.account.world.clock.now(),
              },
            },
          ],
        },
      },
    },
    {
      protocolMessage: {
        type: Type.HISTORY_SYNC_NOTIFICATION,
        historySyncNotification: {
          syncType: proto.Message.HistorySyncType.INITIAL_BOOTSTRAP,
          chunkOrder: 1,
          progress: 100,
          initialHistBootstrapInlinePayload: deflateSync(history),
        },
      },
    },
  ];
}
