import { decodePatches, encodeSyncdPatch, newLTHashState, proto } from '@whiskeysockets/baileys';
import { MutationKeys } from './mutation-keys.js';
import { BadPatch, PhoneCollection } from './phone-collection.js';
import { settingChanges } from './setting-changes.js';

const ID = Buffer.from([0, 0, 0, 0, 0, 7]);
const SECRET = MutationKeys.newSecret();
const CHAT = '100000000000001@lid';

describe('a collection of settings', () => {
  const keys = new MutationKeys(ID, SECRET);
  const keyOf = (id: Buffer) => (id.equals(ID) ? keys : undefined);
  const clientKey = async () => ({ keyData: SECRET }) as never;

  /** What the client makes of patches, beginning from nothing. */
  async function decoded(patches: proto.ISyncdPatch[]) {
    const numbered = patches.map((patch, index) =>
      proto.SyncdPatch.decode(proto.SyncdPatch.encode({ ...patch, version: { version: index + 1 } }).finish()),
    );
    const { mutationMap, state } = await decodePatches(
      'regular_low',
      numbered,
      newLTHashState(),
      clientKey,
      {},
      undefined,
      undefined,
      true,
    );
    return { changes: Object.values(mutationMap).map(({ index }) => index), state };
  }

  it('makes patches that the client verifies and reads', async () => {
    const collection = new PhoneCollection('regular_low', keyOf);
    const first = collection.make([settingChanges.archive(CHAT, true), settingChanges.pin(CHAT, true)], keys);
    collection.apply(first, 1);
    const second = collection.make([settingChanges.pin(CHAT, false)], keys);
    collection.apply(second, 2);
    const { changes, state } = await decoded([first, second]);
    expect(changes).toEqual([
      ['archive', CHAT],
      ['pin_v1', CHAT],
    ]);
    expect(state.version).toBe(2);
    expect(Object.keys(state.indexValueMap)).toHaveLength(2);
  });

  it('verifies and reads the patches of the client', async () => {
    const { patch } = await encodeSyncdPatch(
      {
        type: 'regular_low',
        index: ['archive', CHAT],
        syncAction: { archiveChatAction: { archived: true } },
        apiVersion: 3,
        operation: proto.SyncdMutation.SyncdOperation.SET,
      },
      ID.toString('base64'),
      newLTHashState(),
      clientKey,
    );
    const collection = new PhoneCollection('regular_low', keyOf);
    expect(collection.apply(patch, 1)).toMatchObject([{ index: ['archive', CHAT] }]);
    expect(collection.find(['archive', CHAT])?.value.archiveChatAction?.archived).toBe(true);
  });

  it('believes nothing with a wrong MAC, and keeps what it had', () => {
    const collection = new PhoneCollection('regular_low', keyOf);
    const patch = collection.make([settingChanges.pin(CHAT, true)], keys);
    expect(() => collection.apply({ ...patch, patchMac: Buffer.alloc(32) }, 1)).toThrow(BadPatch);
    expect(() => collection.apply(patch, 2)).toThrow(BadPatch);
    expect(collection.all).toEqual([]);
    collection.apply(patch, 1);
    expect(collection.all).toHaveLength(1);
  });
});
