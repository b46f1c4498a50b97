/**
 * Everything the simulator takes from Baileys, in one place: protobufs, the binary node codec, the curve and the Signal
 * repository. No other file of this library imports Baileys, so a change of its version is read here.
 *
 * Sharing the codec with the client under test means that a codec bug stays hidden; the codec is not what we test.
 */
import {
  type BinaryNode,
  BufferJSON,
  Curve,
  decodeBinaryNode,
  encodeBinaryNode,
  encodeWAMessage,
  generateRegistrationId,
  generateSignalPubKey,
  getMediaKeys,
  jidDecode,
  type KeyPair,
  proto,
  type SignalDataSet,
  type SignalKeyStoreWithTransaction,
  signedKeyPair,
  unpadRandomMax16,
} from '@whiskeysockets/baileys';
import { makeLibSignalRepository } from '@whiskeysockets/baileys/lib/Signal/libsignal.js';
import { installCurve } from '#curve';

export type { BinaryNode, KeyPair, SignalDataSet };
export {
  BufferJSON,
  Curve,
  decodeBinaryNode,
  encodeBinaryNode,
  encodeWAMessage,
  generateRegistrationId,
  generateSignalPubKey,
  getMediaKeys,
  jidDecode,
  makeLibSignalRepository,
  proto,
  signedKeyPair,
  unpadRandomMax16,
};

/** A decoded end-to-end message, as the protocol buffer has it. */
export type WireMessage = proto.IMessage;

/** The key store that the Signal repository asks for. */
export type SignalKeys = SignalKeyStoreWithTransaction;

/** One device's Signal cipher. */
export type SignalRepository = ReturnType<typeof makeLibSignalRepository>;

/** Kinds of media as the key derivation names them. */
export type MediaKind =
  | 'image'
  | 'video'
  | 'audio'
  | 'document'
  | 'sticker'
  // What phones leave for their companions: settings and history.
  | 'md-app-state'
  | 'md-msg-hist';

const quiet = {
  level: 'silent',
  child: () => quiet,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A logger that says nothing, for library parts that insist on one. */
export const silentLogger = quiet;

const SESSION_DUMPS =
  /^(Closing (session|stale|open)|Session (already|error)|Opening session|Removing old closed|Decrypted message with closed|Failed to decrypt message with any|Migrating session|V1 session)/;
const filtered = Symbol.for('waypost.libsignal.console');

/** libsignal prints whole sessions, private keys included, through console: those lines are dropped, all others pass. */
function silenceSessionDumps(): void {
  const target = console as Console & { [filtered]?: boolean };
  if (target[filtered]) return;
  target[filtered] = true;
  for (const level of ['info', 'warn', 'error'] as const) {
    const print = target[level].bind(target);
    target[level] = (...args: unknown[]) => {
      if (typeof args[0] === 'string' && SESSION_DUMPS.test(args[0])) return;
      print(...args);
    };
  }
}
silenceSessionDumps();
// A phone signs as often as a client does, and a test waits for both.
installCurve();
