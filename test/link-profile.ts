import type { Simulator } from '#simulator';
import { type ApiClient, until } from '#testing';

/** Connects a profile as its user does: asks for the code, scans it with the phone of this number, sees it connected. */
export async function linkProfile(
  client: ApiClient,
  profileId: string,
  simulator: Simulator,
  phone: { number: string; name?: string },
): Promise<void> {
  await client.post(`/profiles/${profileId}/connect`);
  const qr = await until(async () => (await client.get(`/profiles/${profileId}/qr`)).body.data.qrText as string);
  await simulator.scanQr(qr, phone.number, phone.name ? { name: phone.name } : {});
  await until(async () => (await client.get(`/profiles/${profileId}/status`)).body.data.status === 'connected', {
    what: `${profileId} to be connected`,
  });
}
