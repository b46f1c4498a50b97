import {
  type BinaryNode,
  downloadExternalBlob,
  getBinaryNodeChild,
  getBinaryNodeChildren,
  proto,
} from '@whiskeysockets/baileys';
import { type CollectionName, isCollection } from './collection.js';

/** What the server answers about one collection. */
export interface CollectionAnswer {
  name: CollectionName;
  /** The version that it has now. */
  version: number;
  snapshot: proto.ISyncdSnapshot | null;
  /** Oldest first. */
  patches: proto.ISyncdPatch[];
  hasMore: boolean;
  /** Of an error; 409: a patch of ours was made on a version that is not the newest. */
  errorCode: number | null;
}

/** Of the library's downloads: the dispatcher with the proxy and, in the sandbox, the media host. */
export type DownloadOptions = RequestInit;

/** A question about a collection: what is newer than this version, or all of it. */
export function collectionRequest(name: CollectionName, version: number, patch?: proto.ISyncdPatch): BinaryNode {
  return {
    tag: 'collection',
    attrs: { name, version: String(version), return_snapshot: String(version === 0 && !patch) },
    ...(patch ? { content: [{ tag: 'patch', attrs: {}, content: proto.SyncdPatch.encode(patch).finish() }] } : {}),
  };
}

export function syncRequest(requests: BinaryNode[]): BinaryNode {
  return {
    tag: 'iq',
    attrs: { to: 's.whatsapp.net', xmlns: 'w:sync:app:state', type: 'set' },
    content: [{ tag: 'sync', attrs: {}, content: requests }],
  };
}

/** Reads the answer and fetches what lies at the media host: snapshots and long patches. */
export async function readAnswers(result: BinaryNode, downloads: DownloadOptions): Promise<CollectionAnswer[]> {
  const answers: CollectionAnswer[] = [];
  for (const node of getBinaryNodeChildren(getBinaryNodeChild(result, 'sync'), 'collection')) {
    const { name, version, type } = node.attrs;
    if (!isCollection(name)) continue;
    const error = type === 'error' ? getBinaryNodeChild(node, 'error') : undefined;
    answers.push({
      name,
      version: Number(version ?? 0),
      snapshot: await snapshotOf(node, downloads),
      patches: await patchesOf(node, downloads),
      hasMore: node.attrs.has_more_patches === 'true',
      errorCode: type === 'error' ? Number(error?.attrs.code ?? 500) : null,
    });
  }
  return answers;
}

async function snapshotOf(node: BinaryNode, options: DownloadOptions): Promise<proto.ISyncdSnapshot | null> {
  const reference = bytesOf(getBinaryNodeChild(node, 'snapshot'));
  if (!reference) return null;
  const blob = await downloadExternalBlob(proto.ExternalBlobReference.decode(reference), options);
  return proto.SyncdSnapshot.decode(blob);
}

async function patchesOf(node: BinaryNode, options: DownloadOptions): Promise<proto.ISyncdPatch[]> {
  const holder = getBinaryNodeChild(node, 'patches') ?? node;
  const patches: proto.ISyncdPatch[] = [];
  for (const each of getBinaryNodeChildren(holder, 'patch')) {
    const bytes = bytesOf(each);
    if (!bytes) continue;
    const patch = proto.SyncdPatch.decode(bytes);
    if (patch.externalMutations) {
      const blob = await downloadExternalBlob(patch.externalMutations, options);
      patch.mutations.push(...(proto.SyncdMutations.decode(blob).mutations as proto.SyncdMutation[]));
    }
    patches.push(patch);
  }
  return patches;
}

const bytesOf = (node: BinaryNode | undefined): Uint8Array | null =>
  node?.content instanceof Uint8Array && node.content.length > 0 ? node.content : null;
