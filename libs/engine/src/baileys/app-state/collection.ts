import { LT_HASH_ANTI_TAMPERING, proto } from '@whiskeysockets/baileys';
import { type MutationKeys, type Operation, UnreadableValue, valueMacOf } from './mutation-keys.js';

/** The collections of synchronised settings, each for settings of one urgency. */
export const collections = [
  'critical_block',
  'critical_unblock_low',
  'regular_high',
  'regular_low',
  'regular',
] as const;

export type CollectionName = (typeof collections)[number];

export function isCollection(name: string | undefined): name is CollectionName {
  return collections.some((each) => each === name);
}

/**
 * What a device must remember of a collection to check and make patches; the values themselves are told and forgotten.
 * In the form in which Baileys stores it under `app-state-sync-version`, so that its sessions can be taken over.
 */
export interface CollectionState {
  version: number;
  /** The sum of all values, 128 bytes. */
  hash: Buffer;
  /** By base64 of the index' MAC. */
  indexValueMap: Record<string, { valueMac: Uint8Array }>;
  /** The sum does not come out as the phone says: it is still read, but nothing is written on top of it. */
  damaged?: true;
}

/** A change of one setting, opened. */
export interface Mutation {
  operation: Operation;
  /** What it is about: the kind of setting, then addresses and ids. */
  index: string[];
  value: proto.ISyncActionValue;
}

/** A mutation to be made; the version is that of the kind of action. */
export interface NewMutation extends Mutation {
  actionVersion: number;
}

/** The phone has not shared the key that this was sealed with. */
export class MissingKey extends Error {
  constructor(readonly keyId: Buffer) {
    super(`the key ${keyId.toString('hex')} of the synchronised settings is not known here`);
    this.name = 'MissingKey';
  }
}

/** A patch or snapshot does not fit what is known here, or was changed on its way. */
export class DamagedCollection extends Error {
  constructor(collection: string, reason: string) {
    super(`the settings "${collection}" are damaged: ${reason}`);
    this.name = 'DamagedCollection';
  }
}

export type KeyLookup = (id: Uint8Array | null | undefined) => Promise<MutationKeys>;

/** What opening a patch or snapshot gave. */
export interface Opened {
  state: CollectionState;
  mutations: Mutation[];
  /** Values that could not be opened. They count in the hash like any other. */
  unreadable: number;
}

export const emptyCollection = (): CollectionState => ({ version: 0, hash: Buffer.alloc(128), indexValueMap: {} });

/**
 * Opens the whole of a collection. With `lenient` a sum that does not come out marks the state as damaged instead.
 * @throws MissingKey, DamagedCollection
 */
export async function openSnapshot(
  name: CollectionName,
  snapshot: proto.ISyncdSnapshot,
  keyOf: KeyLookup,
  lenient = false,
): Promise<Opened> {
  const records = (snapshot.records ?? []).map((record) => ({ operation: 'set' as const, record }));
  const opened = await apply({ ...emptyCollection(), version: Number(snapshot.version?.version ?? 0) }, records, keyOf);
  const keys = await keyOf(snapshot.keyId?.id);
  const mac = keys.snapshotMac(opened.state.hash, opened.state.version, name);
  return checked(name, opened, mac.equals(bytesOf(snapshot.mac)), 'the MAC of the snapshot is wrong', lenient);
}

/**
 * Opens the next patch of a collection. What lies outside of it must have been put into it.
 * @throws MissingKey, DamagedCollection
 */
export async function openPatch(
  name: CollectionName,
  state: CollectionState,
  patch: proto.ISyncdPatch,
  keyOf: KeyLookup,
  lenient = false,
): Promise<Opened> {
  const version = Number(patch.version?.version ?? state.version + 1);
  const keys = await keyOf(patch.keyId?.id);
  const records = (patch.mutations ?? []).map((mutation) => ({
    operation: operationOf(mutation),
    record: mutation.record ?? {},
  }));
  const macs = records.map(({ record }) => valueMacOf(bytesOf(record.value?.blob)));
  const patchMac = keys.patchMac(bytesOf(patch.snapshotMac), macs, version, name);
  if (!patchMac.equals(bytesOf(patch.patchMac))) {
    if (!lenient) throw new DamagedCollection(name, 'the MAC of a patch is wrong');
    return { state: { ...state, version, damaged: true }, mutations: [], unreadable: records.length };
  }
  const opened = await apply({ ...state, version }, records, keyOf);
  const mac = keys.snapshotMac(opened.state.hash, version, name);
  const fits = mac.equals(bytesOf(patch.snapshotMac));
  return checked(name, opened, fits, 'the sum after a patch is wrong', lenient || state.damaged === true);
}

/** A patch with these changes on top of what is known, and the state that follows once the server has taken it. */
export function sealPatch(
  name: CollectionName,
  state: CollectionState,
  mutations: NewMutation[],
  keys: MutationKeys,
): { patch: proto.ISyncdPatch; state: CollectionState } {
  const records = mutations.map(({ operation, index, value, actionVersion }) => {
    const indexBytes = Buffer.from(JSON.stringify(index));
    const data = { index: indexBytes, value, padding: new Uint8Array(), version: actionVersion };
    const blob = keys.seal(operation, proto.SyncActionData.encode(data).finish());
    const record = { index: { blob: keys.indexMac(indexBytes) }, value: { blob }, keyId: { id: keys.id } };
    return { operation, record };
  });
  const version = state.version + 1;
  const next = { ...summed(state, records), version };
  const snapshotMac = keys.snapshotMac(next.hash, version, name);
  const macs = records.map(({ record }) => valueMacOf(record.value.blob));
  return {
    patch: {
      mutations: records.map(({ operation, record }) => ({ operation: wireOperation[operation], record })),
      snapshotMac,
      patchMac: keys.patchMac(snapshotMac, macs, version, name),
      keyId: { id: keys.id },
    },
    state: next,
  };
}

interface SealedRecord {
  operation: Operation;
  record: proto.ISyncdRecord;
}

const { SyncdOperation } = proto.SyncdMutation;
const wireOperation: Record<Operation, proto.SyncdMutation.SyncdOperation> = {
  set: SyncdOperation.SET,
  remove: SyncdOperation.REMOVE,
};

async function apply(state: CollectionState, records: SealedRecord[], keyOf: KeyLookup): Promise<Opened> {
  const mutations: Mutation[] = [];
  let unreadable = 0;
  for (const { operation, record } of records) {
    const keys = await keyOf(record.keyId?.id);
    try {
      mutations.push(openRecord(operation, record, keys));
    } catch {
      unreadable += 1;
    }
  }
  return { state: summed(state, records), mutations, unreadable };
}

function openRecord(operation: Operation, record: proto.ISyncdRecord, keys: MutationKeys): Mutation {
  const data = proto.SyncActionData.decode(keys.open(operation, bytesOf(record.value?.blob)));
  const index = Buffer.from(data.index ?? []);
  if (!keys.indexMac(index).equals(bytesOf(record.index?.blob))) throw new UnreadableValue('its index is another');
  const parts: unknown = JSON.parse(index.toString('utf8'));
  if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string')) {
    throw new UnreadableValue('its index is no list of words');
  }
  return { operation, index: parts, value: data.value ?? {} };
}

/** The sum after these records: each index counts with its newest value only. */
function summed(state: CollectionState, records: SealedRecord[]): CollectionState {
  const indexValueMap = { ...state.indexValueMap };
  const added: Uint8Array[] = [];
  const taken: Uint8Array[] = [];
  for (const { operation, record } of records) {
    const index = bytesOf(record.index?.blob).toString('base64');
    const earlier = indexValueMap[index];
    if (earlier) taken.push(earlier.valueMac);
    if (operation === 'remove') {
      delete indexValueMap[index];
      continue;
    }
    const valueMac = valueMacOf(bytesOf(record.value?.blob));
    added.push(valueMac);
    indexValueMap[index] = { valueMac };
  }
  const hash = Buffer.from(LT_HASH_ANTI_TAMPERING.subtractThenAdd(state.hash, taken, added));
  return { ...state, hash, indexValueMap };
}

function checked(name: CollectionName, opened: Opened, fits: boolean, complaint: string, lenient: boolean): Opened {
  if (fits) {
    const { damaged: _, ...state } = opened.state;
    return { ...opened, state };
  }
  if (!lenient) throw new DamagedCollection(name, complaint);
  return { ...opened, state: { ...opened.state, damaged: true } };
}

const operationOf = (mutation: proto.ISyncdMutation): Operation =>
  mutation.operation === SyncdOperation.REMOVE ? 'remove' : 'set';

const bytesOf = (bytes: Uint8Array | null | undefined): Buffer => Buffer.from(bytes ?? []);
