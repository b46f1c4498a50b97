import type { ChangeKind } from '../../changes.js';
import type { LoggedStanza } from '../../network/observation.js';
import type { Problem } from '../../network/problems.js';
import type { Disturbance } from '../../network/traffic.js';
import type { WaitingClient } from '../../network/waiting-clients.js';
import type { PersonOptions } from '../../people/population.js';
import type { SinkOptions } from '../../people/sink-receipts.js';
import type { LinkedDevice } from '../../simulation.js';
import { ControlConnection, type RemoteChange } from './connection.js';
import { type PersonDescription, RemotePerson } from './remote-person.js';
import { RemoteSink } from './remote-sink.js';

/** A fault over the control interface: the name of a method of `Faults` and its arguments. */
export interface FaultRequest {
  fault:
    | 'cut'
    | 'stall'
    | 'resume'
    | 'closeWith'
    | 'dropNextAcks'
    | 'delayAcks'
    | 'nackNext'
    | 'loseNextReceipts'
    | 'omitNextOfflineMarkers'
    | 'corruptNextMessages'
    | 'halfOpen'
    | 'failNextLogins'
    | 'refuseNextQueries'
    | 'exhaustPrekeys'
    | 'restrict'
    | 'liftRestriction'
    | 'clear';
  device?: number;
  code?: number;
  count?: number;
  delayMs?: number;
  xmlns?: string;
}

/** A simulator in another process: the same acts as `Simulator`, over HTTP. */
export class SimulatorClient extends ControlConnection {
  info(): Promise<{ url: string; rootKeyHex: string; caPem: string }> {
    return this.call('GET', '/info');
  }

  /** The person with this number, made on first use. */
  async person(number: string, options: PersonOptions = {}): Promise<RemotePerson> {
    const description = await this.call<PersonDescription>('PUT', `/people/${number}`, options);
    return new RemotePerson(this, description.number);
  }

  persons(): Promise<PersonDescription[]> {
    return this.call('GET', '/people');
  }

  /** A recipient for load; with options, which receipts it sends from now on. */
  async sink(number: string, options: SinkOptions = {}): Promise<RemoteSink> {
    const { number: canonical } = await this.call<{ number: string }>('PUT', `/sinks/${number}`, options);
    return new RemoteSink(this, canonical);
  }

  scanQr(qr: string, number: string, options: { name?: string } = {}): Promise<LinkedDevice> {
    return this.call('POST', `/people/${number}/scan`, { qr, ...options });
  }

  enterPairingCode(number: string, code: string, options: { name?: string } = {}): Promise<LinkedDevice> {
    return this.call('POST', `/people/${number}/code`, { code, ...options });
  }

  /** The clients that are connected and wait to be linked. */
  waitingClients(): Promise<WaitingClient[]> {
    return this.call('GET', '/waiting');
  }

  /** Shows a client's QR code to every phone; `label` is what a person knows it by. */
  async showQr(qr: string, label?: string): Promise<void> {
    await this.call('POST', '/waiting', { qr, label });
  }

  /** The person scans the code of a client of `waitingClients`, which `showQr` has shown. */
  scanWaiting(id: number, number: string, options: { name?: string } = {}): Promise<LinkedDevice> {
    return this.call('POST', `/people/${number}/scan-waiting`, { id, ...options });
  }

  async unlink(number: string, device: number): Promise<void> {
    await this.call('DELETE', `/people/${number}/devices/${device}`);
  }

  async fault(number: string, request: FaultRequest): Promise<void> {
    await this.call('POST', `/people/${number}/faults`, request);
  }

  /** Drops, delays, doubles or reorders stanzas of one kind, until so many were struck or until `clear`. */
  async disturb(number: string, disturbance: Disturbance): Promise<void> {
    await this.call('POST', `/people/${number}/disturbances`, disturbance);
  }

  problems(): Promise<Problem[]> {
    return this.call('GET', '/problems');
  }

  async clearProblems(): Promise<void> {
    await this.call('DELETE', '/problems');
  }

  /** Rejects, with the list, when there are problems or when something still waits for a device that is connected. */
  async assertHealthy(): Promise<void> {
    const { healthy, reason } = await this.call<{ healthy: boolean; reason?: string }>('GET', '/health');
    if (!healthy) throw new Error(reason);
  }

  async settle(options: { timeoutMs?: number } = {}): Promise<void> {
    await this.call('POST', '/settle', options);
  }

  /** What happens, as it happens, until `signal` ends it. */
  watch(
    signal: AbortSignal,
    filter: { kinds?: readonly ChangeKind[]; number?: string } = {},
  ): AsyncGenerator<RemoteChange> {
    const query = new URLSearchParams();
    if (filter.kinds) query.set('kinds', filter.kinds.join(','));
    if (filter.number) query.set('number', filter.number);
    return this.changes(`/events?${query}`, signal);
  }

  stats(): Promise<Record<string, number>> {
    return this.call('GET', '/stats');
  }

  stanzaLog(after = 0): Promise<LoggedStanza[]> {
    return this.call('GET', `/stanzas?after=${after}`);
  }
}
