import { proto } from '../baileys.js';
import type { Clock } from '../time/clock.js';
import type { PairingSession } from './pairing-session.js';

/** A client that is connected and waits to be linked. */
export interface WaitingClient {
  id: number;
  /** What it calls itself, for instance "Mac OS (Chrome)". */
  name: string;
  /** Milliseconds since 1970. */
  since: number;
  /** The phone number that it wants to be linked to by code. */
  number?: string;
  /** Whoever showed its QR code here said so: a name that its user knows. */
  label?: string;
  /** Its QR code was shown here, so that a phone can scan it by picking this client. */
  shown: boolean;
}

interface Waiting {
  client: WaitingClient;
  qr?: string;
}

/**
 * The clients that wait to be linked, as the server sees them. It cannot read their QR codes, which hold a secret that
 * never crosses the wire; whoever displays a code can show it here as well, as on a screen in front of every phone.
 */
export class WaitingClients {
  private readonly sessions = new Map<PairingSession, Waiting>();
  private next = 1;
  /** Called when the list is not what it was. */
  onChange?: () => void;

  constructor(private readonly clock: Clock) {}

  add(session: PairingSession, registration: proto.ClientPayload.IDevicePairingRegistrationData): void {
    const client = { id: this.next, name: clientName(registration.deviceProps), since: this.clock.now(), shown: false };
    this.sessions.set(session, { client });
    this.next += 1;
    this.onChange?.();
  }

  remove(session: PairingSession): void {
    if (this.sessions.delete(session)) this.onChange?.();
  }

  wantsCode(session: PairingSession, number: string): void {
    const waiting = this.sessions.get(session);
    if (!waiting) return;
    waiting.client.number = number;
    this.onChange?.();
  }

  show(session: PairingSession, qr: string, label?: string): void {
    const waiting = this.sessions.get(session);
    if (!waiting) return;
    waiting.qr = qr;
    waiting.client.shown = true;
    if (label !== undefined) waiting.client.label = label;
    this.onChange?.();
  }

  /** Oldest first. */
  get list(): WaitingClient[] {
    return [...this.sessions.values()].map(({ client }) => client);
  }

  /** The QR code that a waiting client shows. Throws when it is gone, or when nobody showed its code here. */
  qrOf(id: number): string {
    const waiting = [...this.sessions.values()].find(({ client }) => client.id === id);
    if (!waiting) throw new Error(`no client ${id} is waiting to be linked`);
    if (!waiting.qr) throw new Error(`the QR code of ${waiting.client.name} was not shown here: scan or paste it`);
    return waiting.qr;
  }
}

/** As the list of linked devices names it: operating system, and the kind of program (DeviceProps of the registration). */
export function clientName(deviceProps: Uint8Array | null | undefined): string {
  if (!deviceProps?.length) return 'unnamed client';
  try {
    const { os, platformType } = proto.DeviceProps.decode(deviceProps);
    const kind = proto.DeviceProps.PlatformType[platformType ?? 0]?.toLowerCase().replaceAll('_', ' ');
    return kind && kind !== 'unknown' ? `${os || 'unnamed client'} (${kind})` : os || 'unnamed client';
  } catch {
    return 'unnamed client';
  }
}
