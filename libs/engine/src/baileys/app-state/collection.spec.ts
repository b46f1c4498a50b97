import { randomBytes } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import {
  type CollectionState,
  DamagedCollection,
  emptyCollection,
  MissingKey,
  type NewMutation,
  openPatch,
  openSnapshot,
  sealPatch,
} from './collection.js';
import { MutationKeys } from './mutation-keys.js';

const keys = new MutationKeys(Buffer.from([0, 0, 0, 0, 0, 1]), randomBytes(32));
const keyOf = async (id: Uint8Array | null | undefined) => {
  if (!keys.id.equals(Buffer.from(id ?? []))) throw new MissingKey(Buffer.from(id ?? []));
  return keys;
};
const pin = (chat: string, pinned: boolean): NewMutation => ({
  operation: 'set',
  actionVersion: 5,
  index: ['pin_v1', chat],
  value: { pinAction: { pinned }, timestamp: 1_700_000_000_000 },
});
const remove = (chat: string): NewMutation => ({ ...pin(chat, false), operation: 'remove', value: {} });

/** As it comes over the wire. */
const wired = (patch: proto.ISyncdPatch, version: number): proto.ISyncdPatch =>
  proto.SyncdPatch.decode(proto.SyncdPatch.encode({ ...patch, version: { version } }).finish());

/** The whole collection, as the server puts it together. */
function snapshotOf(state: CollectionState, records: proto.ISyncdRecord[]): proto.ISyncdSnapshot {
  const mac = keys.snapshotMac(state.hash, state.version, 'regular_low');
  return { version: { version: state.version }, records, mac, keyId: { id: keys.id } };
}

describe('a collection of settings', () => {
  const first = sealPatch('regular_low', emptyCollection(), [pin('a', true), pin('b', true)], keys);
  const second = sealPatch('regular_low', first.state, [pin('a', false), remove('b')], keys);

  it('is read as it was written, also what was taken out', async () => {
    const one = await openPatch('regular_low', emptyCollection(), wired(first.patch, 1), keyOf);
    expect(one.mutations.map(({ index, value }) => [index[1], value.pinAction?.pinned])).toEqual([
      ['a', true],
      ['b', true],
    ]);
    expect(one.state).toEqual(first.state);
    const two = await openPatch('regular_low', one.state, wired(second.patch, 2), keyOf);
    expect(two.mutations.map(({ operation }) => operation)).toEqual(['set', 'remove']);
    expect(two.state).toEqual(second.state);
    expect(Object.keys(two.state.indexValueMap)).toHaveLength(1);
  });

  it('has a sum that is zero when everything was taken out again', () => {
    const third = sealPatch('regular_low', second.state, [remove('a')], keys);
    expect(third.state.hash.equals(Buffer.alloc(128))).toBe(true);
  });

  it('is read from a snapshot', async () => {
    const records = (first.patch.mutations ?? []).map(({ record }) => record!);
    const opened = await openSnapshot('regular_low', snapshotOf(first.state, records), keyOf);
    expect(opened.state).toEqual(first.state);
    expect(opened.mutations).toHaveLength(2);
  });

  it('says which key is missing', async () => {
    const foreign = new MutationKeys(Buffer.from([0, 0, 0, 0, 0, 2]), randomBytes(32));
    const { patch } = sealPatch('regular_low', emptyCollection(), [pin('a', true)], foreign);
    const error = await openPatch('regular_low', emptyCollection(), wired(patch, 1), keyOf).catch((reason) => reason);
    expect(error).toBeInstanceOf(MissingKey);
    expect((error as MissingKey).keyId.equals(foreign.id)).toBe(true);
  });

  it('is damaged when a patch was changed, or does not fit what is known', async () => {
    const changed = wired(first.patch, 1);
    changed.mutations![0]!.record!.value!.blob![20]! ^= 1;
    // The MAC of a patch covers the MACs of its values: this one is of another patch.
    changed.mutations![0]!.record!.value!.blob!.set(
      randomBytes(32),
      changed.mutations![0]!.record!.value!.blob!.length - 32,
    );
    await expect(openPatch('regular_low', emptyCollection(), changed, keyOf)).rejects.toThrow(DamagedCollection);
    const third = sealPatch('regular_low', second.state, [pin('c', true)], keys);
    await expect(openPatch('regular_low', emptyCollection(), wired(third.patch, 3), keyOf)).rejects.toThrow('sum');
    await expect(openPatch('regular_high', emptyCollection(), wired(first.patch, 1), keyOf)).rejects.toThrow('MAC');
  });

  it('tells the rest when one value cannot be opened, which counts all the same', async () => {
    const patch = wired(first.patch, 1);
    patch.mutations![0]!.record!.value!.blob![20]! ^= 1;
    const opened = await openPatch('regular_low', emptyCollection(), patch, keyOf);
    expect(opened).toMatchObject({ unreadable: 1, state: first.state });
    expect(opened.mutations.map(({ index }) => index[1])).toEqual(['b']);
  });

  it('is marked when damage is put up with, and healed by a patch that fits again', async () => {
    const records = (first.patch.mutations ?? []).map(({ record }) => record!);
    const snapshot = { ...snapshotOf(first.state, records), mac: randomBytes(32) };
    await expect(openSnapshot('regular_low', snapshot, keyOf)).rejects.toThrow(DamagedCollection);
    const lenient = await openSnapshot('regular_low', snapshot, keyOf, true);
    expect(lenient).toMatchObject({ state: { damaged: true }, mutations: [{ index: ['pin_v1', 'a'] }, {}] });
    const healed = await openPatch('regular_low', lenient.state, wired(second.patch, 2), keyOf);
    expect(healed.state).toEqual(second.state);
  });
});
