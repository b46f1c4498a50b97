import type { WASocket } from '@whiskeysockets/baileys';
import type { KeyTransactions } from './key-transactions.js';

/** What `ws` 8 gives us: its socket sends frames through this one method. */
interface FrameSocket {
  readyState: number;
  send(data: Uint8Array, written?: (error?: Error) => void): void;
  /** The TCP or TLS stream. */
  _socket?: { cork(): void; uncork(): void } | null;
}

const OPEN = 1;

/** A frame that waits: for a commit, or only for its turn. */
interface Held {
  data: Uint8Array;
  committed: Promise<void> | null;
}

/**
 * Keeps what a stanza tells from leaving the process before it is committed. Baileys writes a message to the socket inside
 * the transaction that steps its ratchets, and commits afterwards: after a crash in between, the same keys would encrypt
 * another message. Here such a frame starts the commit, and goes out behind it, together with others that waited for the
 * same. The receipt of an inbound message waits for the commit of that message likewise. Frames keep their order, because
 * Noise numbers them.
 *
 * Baileys is told at once that a frame was written: it waits for that inside the transaction. Whether the message arrived
 * is known from the server's acknowledgement anyway.
 *
 * @param failed what a frame tells could not be committed. It and all after it are dropped; the socket is of no more use.
 */
export function commitBeforeWire(sock: WASocket, keys: KeyTransactions, failed: () => void): void {
  const { socket } = sock.ws as unknown as { socket: FrameSocket };
  const send = socket.send.bind(socket);
  const held: Held[] = [];
  // What other sockets received does not hold this one back: it has told nobody of it.
  const begin = keys.mark;
  let isCorked = false;

  /** What is sent in one turn of the event loop leaves in one write: a message is answered by several frames. */
  const sendNow = (data: Uint8Array, written: (error?: Error) => void): void => {
    const stream = socket._socket;
    if (stream && !isCorked) {
      isCorked = true;
      stream.cork();
      process.nextTick(() => {
        isCorked = false;
        stream.uncork();
      });
    }
    send(data, written);
  };

  const release = async (): Promise<void> => {
    try {
      while (held.length > 0) {
        await held[0]!.committed;
        if (socket.readyState !== OPEN) break;
        const stream = socket._socket;
        stream?.cork();
        let previous = held[0]!.committed;
        // All that waited for this commit, and what only waited for its turn.
        while (held.length > 0 && (held[0]!.committed === previous || held[0]!.committed === null)) {
          previous = held[0]!.committed ?? previous;
          send(held.shift()!.data, ignore);
        }
        stream?.uncork();
      }
    } catch {
      failed();
    }
    held.length = 0;
  };

  socket.send = (data, written) => {
    // What the library has done since then may tell of something that is void.
    if (keys.isVoidSince(begin)) {
      failed();
      written?.(new Error('what was to be told could not be committed'));
      return;
    }
    const committed = keys.beforeWire(begin);
    if (committed === null && held.length === 0) return sendNow(data, written ?? ignore);
    held.push({ data, committed });
    if (held.length === 1) void release();
    written?.();
  };
}

/** A frame that could not be written is followed by the end of the socket, which everybody hears of. */
const ignore = () => undefined;
