import { closeSync, existsSync, fdatasync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { type BinaryNode, BufferJSON } from './baileys.js';
import type { Account } from './network/account.js';
import type { Device } from './network/device.js';
import type { SavedRooms } from './network/rooms.js';
import type { PhoneIdentity } from './people/signal-device.js';
import type { SinkOptions } from './people/sink-receipts.js';
import { type SavedAccount, type SavedHolder, type SavedSimulation, saveAccount } from './snapshot.js';
import { type Timer, wallClock } from './time/clock.js';

const SYNC_EVERY_MS = 1_000;

/** Something that was accepted since the last snapshot. Devices are named by number and device. */
type Entry =
  | { is: 'queued'; number: string; device: number; node: BinaryNode }
  | { is: 'confirmed'; number: string; device: number; tag: string; id: string; type?: string }
  | { is: 'account'; account: SavedAccount; isSink: boolean }
  | { is: 'identity'; number: string; identity: PhoneIdentity }
  | { is: 'online'; number: string; isOnline: boolean }
  | { is: 'sink'; number: string; options: SinkOptions }
  | { is: 'rooms'; rooms: SavedRooms };

/**
 * What the network accepted since the last snapshot, one line each, written before the answer goes out. A line is with the
 * operating system when its write returns, so killing the process loses none; it is with the disk within a second, so
 * a power failure loses at most that. Each snapshot begins a new file and makes the older ones needless.
 */
export class Journal {
  private file?: number;
  private timer?: Timer;
  private isDirty = false;

  constructor(
    private readonly path: string,
    private number: number,
    private readonly onError: (error: Error) => void,
  ) {}

  queued({ account, number: device }: Device, node: BinaryNode): void {
    this.write({ is: 'queued', number: account.number, device, node });
  }

  confirmed({ account, number: device }: Device, tag: string, id: string, type: string | undefined): void {
    this.write({ is: 'confirmed', number: account.number, device, tag, id, type });
  }

  /** The server's part of an account has changed: a device was linked or removed, keys, settings, block list. */
  account(account: Account, isSink: boolean): void {
    const saved = saveAccount(account);
    // Queues have entries of their own.
    const companions = saved.companions.map((companion) => ({ ...companion, queue: [] }));
    this.write({ is: 'account', account: { ...saved, companions }, isSink });
  }

  /** A phone has made its keys. */
  identity(number: string, identity: PhoneIdentity): void {
    this.write({ is: 'identity', number, identity });
  }

  /** A phone has found or lost its network. */
  online(number: string, isOnline: boolean): void {
    this.write({ is: 'online', number, isOnline });
  }

  /** A sink sends other receipts from now on. */
  sink(number: string, options: SinkOptions): void {
    this.write({ is: 'sink', number, options });
  }

  rooms(rooms: SavedRooms): void {
    this.write({ is: 'rooms', rooms });
  }

  /** Begins the next file, whose number goes into the snapshot that is taken now. */
  rotate(): number {
    this.close();
    this.number += 1;
    this.file = openSync(fileOf(this.path, this.number), 'a', 0o600);
    return this.number;
  }

  /** The snapshot with this number is on disk: what came before it is in it. */
  dropBefore(number: number): void {
    for (let older = number - 1; existsSync(fileOf(this.path, older)); older -= 1) rmSync(fileOf(this.path, older));
  }

  close(): void {
    this.timer?.cancel();
    this.timer = undefined;
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }

  private write(entry: Entry): void {
    if (this.file === undefined) return;
    writeSync(this.file, `${JSON.stringify(entry, BufferJSON.replacer)}\n`);
    this.isDirty = true;
    this.timer ??= wallClock.after(SYNC_EVERY_MS, () => this.sync());
  }

  private sync(): void {
    this.timer = undefined;
    if (!this.isDirty || this.file === undefined) return;
    this.isDirty = false;
    fdatasync(this.file, (error) => {
      // A file that a snapshot has closed meanwhile is needless.
      if (error && error.code !== 'EBADF') this.onError(error);
    });
  }
}

const fileOf = (path: string, number: number): string => `${path}.journal.${number}`;

/** Brings a snapshot up to what was accepted after it. `next` is the number of the first file that is not there. */
export function replay(
  path: string,
  from: number,
  simulation: SavedSimulation,
): { simulation: SavedSimulation; next: number } {
  const accounts = new Map(simulation.accounts.map((one) => [one.account.number, one]));
  const replayed = { ...simulation };
  let next = from;
  for (; existsSync(fileOf(path, next)); next += 1) {
    for (const entry of entriesOf(fileOf(path, next))) apply(replayed, accounts, entry);
  }
  return { simulation: { ...replayed, accounts: [...accounts.values()] }, next };
}

/** All whole lines: the last one may have been cut off in the middle of its write. */
function entriesOf(file: string): Entry[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  lines.pop();
  return lines.map((line) => JSON.parse(line, BufferJSON.reviver) as Entry);
}

type Saved = SavedSimulation['accounts'][number];

function apply(simulation: SavedSimulation, accounts: Map<string, Saved>, entry: Entry): void {
  if (entry.is === 'rooms') simulation.rooms = entry.rooms;
  else if (entry.is === 'account') applyAccount(accounts, entry);
  else {
    const saved = accounts.get(entry.number);
    if (!saved) return;
    if (entry.is === 'identity') applyIdentity(saved, entry.identity);
    else if (entry.is === 'sink') Object.assign(saved.holder, { options: entry.options });
    else if (entry.is === 'online') Object.assign(saved.holder, { isOnline: entry.isOnline });
    else applyQueue(saved, entry);
  }
}

function applyAccount(accounts: Map<string, Saved>, { account, isSink }: Entry & { is: 'account' }): void {
  const known = accounts.get(account.number);
  const queueOf = (number: number): BinaryNode[] =>
    known?.account.companions.find(({ identity }) => identity.number === number)?.queue ?? [];
  const companions = account.companions.map((one) => ({ ...one, queue: queueOf(one.identity.number) }));
  const holder: SavedHolder = known?.holder ?? (isSink ? { kind: 'sink' } : newcomer());
  accounts.set(account.number, { account: { ...account, companions }, holder });
}

const newcomer = (): SavedHolder => ({
  kind: 'person',
  isOnline: true,
  habits: {},
  behaviours: [],
  phone: { sent: [] },
  queue: [],
});

function applyIdentity({ holder }: Saved, identity: PhoneIdentity): void {
  if (holder.kind === 'person') holder.phone.signal = { identity, keys: holder.phone.signal?.keys ?? [] };
}

function applyQueue(saved: Saved, entry: Entry & { is: 'queued' | 'confirmed' }): void {
  const { account, holder } = saved;
  const companion = account.companions.find(({ identity }) => identity.number === entry.device);
  const queue = entry.device === 0 ? holder.kind === 'person' && holder.queue : companion?.queue;
  if (!queue) return;
  if (entry.is === 'queued') {
    queue.push(entry.node);
    return;
  }
  const { tag, id, type } = entry;
  const isMeant = (node: BinaryNode): boolean =>
    node.tag === tag && node.attrs.id === id && (tag === 'message' || node.attrs.type === type);
  const at = queue.findIndex(isMeant);
  if (at >= 0) queue.splice(at, 1);
}
