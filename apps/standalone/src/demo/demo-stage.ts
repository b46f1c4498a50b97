import type { ApiClient } from './api-client.js';
import type { LiveEvents } from './live-events.js';
import type { Transcript } from './transcript.js';
import type { VirtualPhones } from './virtual-phones.js';

/** What every act of the demo plays with: the API and the socket of one profile, and the phones around it. */
export interface DemoStage {
  api: ApiClient;
  events: LiveEvents;
  phones: VirtualPhones;
  profileId: string;
  transcript: Transcript;
}
