import { type Actor, CatalogueError, type ConnectionState, errors, type ProfileId } from '#contracts';
import {
  type Database,
  findNumberChecks,
  findProfile,
  type NumberCheckRow,
  type ProfileRow,
  putNumberChecks,
} from '#database';
import { countryOf, parsePhone, parseRecipient } from '#engine';
import { recordAudit } from '../platform/audit-trail.js';
import type { EngineGateway } from '../profiles/engine-gateway.js';

/** Most numbers of one request: five questions to WhatsApp, which allows twenty a minute. */
export const NUMBERS_AT_ONCE = 500;
/** How old an answer may be when the caller does not say. */
export const CHECK_MAX_AGE_HOURS = 168;

export interface NumberCheckRequest {
  phones: string[];
  /** Where numbers without country code are dialled; default: where the profile's own number is. */
  country?: string;
  /** An answer not older than this is not asked for again; 0: always ask. */
  maxAgeHours?: number;
}

/** What is known of one number. */
export interface CheckedNumber {
  /** Digits with country code; of what is no number, the digits in it. */
  phone: string;
  originalPhone: string;
  /** Whether it can be a number: 7 to 15 digits with country code. Whether it is anybody's, only WhatsApp knows. */
  validFormat: boolean;
  /** Two letters; null of numbers that no numbering plan has. */
  country: string | null;
  /** What WhatsApp answered; null: it was not, or could not be, asked. */
  onWhatsApp: boolean | null;
  lid: string | null;
  checkedAt: Date | null;
  /** Why nothing is known of it: `INVALID_NUMBER`, or the code of the error that the question met. */
  reason: string | null;
}

export interface NumberCheckOutcome {
  profileStatus: ConnectionState;
  numbers: CheckedNumber[];
}

/**
 * Whether phone numbers are on WhatsApp: asked of WhatsApp, whatever numbering plans say of them, and remembered for the
 * organization with the time.
 */
export class NumberChecks {
  constructor(
    private readonly db: Database,
    private readonly gateway: Pick<EngineGateway, 'abilities'>,
  ) {}

  /**
   * In the order of asking. What WhatsApp cannot be asked now is told as not known, with the reason; never guessed.
   * @throws notFound
   */
  async check(actor: Actor, profileId: ProfileId, request: NumberCheckRequest): Promise<NumberCheckOutcome> {
    const { organizationId } = actor;
    const { maxAgeHours = CHECK_MAX_AGE_HOURS } = request;
    const profile = await this.db.tenant(actor, async (tx) => {
      const found = await findProfile(tx, { organizationId }, profileId);
      if (!found) throw errors.notFound({ message: 'There is no such profile.', details: { profileId } });
      const after = { numbers: request.phones.length };
      await recordAudit(tx, actor, { action: 'contact.check', resource: { type: 'profile', id: profileId }, after });
      return found;
    });
    const read = request.phones.map((original) => readNumber(original, request.country, profile));
    const phones = [...new Set(read.flatMap(({ phone, validFormat }) => (validFormat ? phone : [])))];
    const since = new Date(Date.now() - maxAgeHours * 3_600_000);
    const known = new Map<string, NumberCheckRow>();
    if (maxAgeHours > 0) {
      const rows = await this.db.tenant(actor, (tx) => findNumberChecks(tx, organizationId, phones, since));
      for (const row of rows) known.set(row.phone, row);
    }
    const unknown = phones.filter((phone) => !known.has(phone));
    const { answers, reason } = await this.ask(profile, unknown);
    await this.db.tenant(actor, (tx) => putNumberChecks(tx, organizationId, answers));
    for (const answer of answers) known.set(answer.phone, answer);
    return {
      profileStatus: profile.state,
      numbers: read.map((number) => {
        const answer = number.validFormat ? known.get(number.phone) : undefined;
        return {
          ...number,
          onWhatsApp: answer?.exists ?? null,
          lid: answer?.lid ?? null,
          checkedAt: answer?.checkedAt ?? null,
          reason: answer ? null : number.validFormat ? reason : 'INVALID_NUMBER',
        };
      }),
    };
  }

  private async ask(
    profile: ProfileRow,
    phones: string[],
  ): Promise<{ answers: NumberCheckRow[]; reason: string | null }> {
    if (phones.length === 0) return { answers: [], reason: null };
    if (profile.state !== 'connected') return { answers: [], reason: 'PROFILE_NOT_CONNECTED' };
    try {
      const checks = await this.gateway.abilities(profile.id).people.check(phones);
      const checkedAt = new Date();
      const answers = checks.map(({ phone, status, person }) => {
        return { phone, exists: status === 'registered', lid: person?.lid ?? null, checkedAt };
      });
      return { answers, reason: null };
    } catch (failure) {
      if (failure instanceof CatalogueError) return { answers: [], reason: failure.code };
      throw failure;
    }
  }
}

function readNumber(original: string, country: string | undefined, profile: ProfileRow) {
  const where = country ?? (profile.phoneNumber && countryOf(profile.phoneNumber));
  const phone = original.includes('@') ? (parseRecipient(original)?.phone ?? null) : parsePhone(original, where);
  return {
    phone: phone ?? original.replace(/\D/g, '').slice(0, 20),
    originalPhone: original,
    validFormat: phone !== null,
    country: phone === null ? null : countryOf(phone),
  };
}
