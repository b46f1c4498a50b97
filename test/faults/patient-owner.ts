import { setTimeout as pause } from 'node:timers/promises';
import type { Simulator } from '#simulator';
import type { PatientClient } from './patient-client.js';

/** An owner's program with a key that may do everything, and the workspace that every organization begins with. */
export interface PatientOwner {
  client: PatientClient;
  workspaceId: string;
}

export async function registerOwner(anonymous: PatientClient, organizationName: string): Promise<PatientOwner> {
  const registered = await anonymous.post<{ accessToken: string }>('/auth/register', {
    email: 'owner@example.com',
    password: 'a long enough passphrase',
    name: 'Owner',
    organizationName,
  });
  const owner = anonymous.as({ authorization: `Bearer ${registered.data.accessToken}` });
  const key = await owner.post<{ key: string }>('/api-keys', { name: 'campaign', permissions: ['*'] });
  const client = anonymous.as({ 'x-api-key': key.data.key });
  const workspaces = await client.get<{ id: string }[]>('/workspaces');
  return { client, workspaceId: workspaces.data[0]!.id };
}

/** Makes a profile and links it, as its user would by scanning the code. @returns its id */
export async function linkNumber(
  { client, workspaceId }: PatientOwner,
  simulator: Simulator,
  { number, name }: { number: string; name: string },
): Promise<string> {
  const profile = await client.post<{ id: string }>('/profiles', { workspaceId, name });
  const { id } = profile.data;
  await client.post(`/profiles/${id}/connect`);
  await patiently(`a QR code for ${number}`, async () => {
    const qr = await client.get<{ qrText: string | null }>(`/profiles/${id}/qr`);
    if (!qr.data.qrText) return false;
    // A code can run out while it is scanned; there is a next one.
    return simulator.scanQr(qr.data.qrText, number, { name }).then(
      () => true,
      () => false,
    );
  });
  await patiently(`${number} to be connected`, async () => {
    const answer = await client.get<{ status: string }>(`/profiles/${id}/status`);
    return answer.data.status === 'connected';
  });
  return id;
}

/** Asks again and again until it holds. @throws when it does not in time */
export async function patiently(what: string, holds: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain for ${what}.`);
    await pause(100);
  }
}
