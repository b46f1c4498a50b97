import type { OrganizationId } from '#contracts';
import { type Database, holdLease, retryTransient, settleJournal } from '#database';
import type {
  AccountFact,
  Address,
  InboundFact,
  InboundSink,
  PresenceFact,
  ReadElsewhereFact,
  ReceiptFact,
  TypingFact,
} from '#engine';
import type { FactRecorder } from '../facts/fact-recorder.js';
import type { PresenceRecorder } from '../facts/presence-recorder.js';
import { withMissing } from '../media/media-policy.js';
import type { MediaSettings } from '../media/media-settings.js';
import type { IdentityLinker } from './identity-linker.js';
import type { MessageRecorder } from './message-recorder.js';
import { fewTries, type OwnedProfile } from './owned-profile.js';
import type { ReceiptRecorder } from './receipt-recorder.js';
import type { TypingRecorder } from './typing-recorder.js';

/** The recorders that all profiles of a process share. */
export interface Recorders {
  db: Database;
  messages: MessageRecorder;
  /** When files of messages are fetched. */
  media: Pick<MediaSettings, 'policyOf'>;
  receipts: ReceiptRecorder;
  identities: IdentityLinker;
  typing: TypingRecorder;
  presence: PresenceRecorder;
  account: FactRecorder;
}

/** Where the engine hands over the facts of one profile. Each call resolves after its commit and may be repeated. */
export class ProfileSink implements InboundSink {
  private isClosed = false;

  constructor(
    private readonly recorders: Recorders,
    private readonly owned: OwnedProfile,
    private readonly onDownloads: () => void,
  ) {}

  /** From now on nothing is taken: what the engine still holds is not this profile's. */
  close(): void {
    this.isClosed = true;
  }

  async messages(facts: InboundFact[]): Promise<void> {
    this.assertOpen();
    const { organizationId, profileId } = this.owned.lease;
    const policy = await this.recorders.media.policyOf(organizationId as OrganizationId, profileId);
    const told = facts.map((fact) => withMissing(fact, policy));
    await this.recorders.messages.record(this.owned, told, this.onDownloads);
  }

  async settled(journalIds: string[]): Promise<void> {
    this.assertOpen();
    if (journalIds.length === 0) return;
    const { lease } = this.owned;
    await retryTransient(
      () =>
        this.recorders.db.system(async (tx) => {
          await holdLease(tx, lease);
          const { profileId } = lease;
          await settleJournal(
            tx,
            journalIds.map((journalId) => ({ profileId, journalId })),
          );
        }),
      fewTries,
    );
  }

  async receipts(facts: ReceiptFact[]): Promise<void> {
    this.assertOpen();
    if (facts.length > 0) await this.recorders.receipts.record(this.owned, facts);
  }

  async readElsewhere(facts: ReadElsewhereFact[]): Promise<void> {
    this.assertOpen();
    if (facts.length > 0) await this.recorders.receipts.recordRead(this.owned, facts);
  }

  async typing(fact: TypingFact): Promise<void> {
    this.assertOpen();
    await this.recorders.typing.record(this.owned, fact);
  }

  async presence(fact: PresenceFact): Promise<void> {
    this.assertOpen();
    await this.recorders.presence.record(this.owned, fact);
  }

  async account(facts: AccountFact[]): Promise<void> {
    this.assertOpen();
    if (facts.length > 0) await this.recorders.account.record(this.owned, facts);
  }

  async identity(addresses: Address[]): Promise<void> {
    this.assertOpen();
    await this.recorders.identities.link(this.owned, addresses);
  }

  private assertOpen(): void {
    if (this.isClosed) throw new Error('The link of this profile was refused; nothing more is taken from it.');
  }
}
