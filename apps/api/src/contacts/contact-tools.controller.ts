import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, ContactId, ProfileId } from '#contracts';
import { AddressBooks, ContactActivities, Duplicates, NumberChecks } from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { decodeCursor, toPage } from '../http/page.js';
import { ContactOut, presentContact } from './contact.dto.js';
import {
  ActivityQuery,
  ContactActivityOut,
  DuplicatesOut,
  DuplicatesQuery,
  MergeContactsIn,
  presentActivity,
  presentDuplicates,
} from './contact-tools.dto.js';
import {
  CheckedNumberOut,
  CheckedNumbersOut,
  presentNumber,
  presentNumbers,
  SyncContactsIn,
  SyncedContactsOut,
  ValidateNumberQuery,
  ValidateNumbersIn,
} from './numbers.dto.js';

const neverInvented =
  'Answers of WhatsApp are remembered for the organization and told with their age. What cannot be asked now is `null` with the reason; nothing is guessed.';

/** What is done with contacts beside keeping them. Before `ContactsController` in the list: its `:id` would take these. */
@ApiTags('Contacts')
@Controller('contacts')
export class ContactToolsController {
  constructor(
    private readonly checks: NumberChecks,
    private readonly addressBooks: AddressBooks,
    private readonly duplicates: Duplicates,
    private readonly activities: ContactActivities,
  ) {}

  @Get('profile/:profileId/validate/:phone')
  @Can('contacts.write')
  @Describe('Validate a phone number', {
    description: `Whether it is a number by its form, and whether WhatsApp knows it. ${neverInvented}`,
    returns: CheckedNumberOut,
    errors: ['notFound'],
  })
  async validate(
    @CurrentActor() actor: Actor,
    @IdParam('profileId') profileId: ProfileId,
    @Param('phone') phone: string,
    @Query() { maxAgeHours, country }: ValidateNumberQuery,
  ): Promise<CheckedNumberOut> {
    const asked = { phones: [phone.slice(0, 64)], maxAgeHours, country };
    const { numbers, profileStatus } = await this.checks.check(actor, profileId, asked);
    return presentNumber(numbers[0]!, profileStatus);
  }

  @Post('profile/:profileId/validate')
  @Can('contacts.write')
  @Describe('Validate phone numbers', {
    description: `The same for many. ${neverInvented}`,
    returns: CheckedNumbersOut,
    status: 200,
    errors: ['notFound'],
  })
  async validateMany(
    @CurrentActor() actor: Actor,
    @IdParam('profileId') profileId: ProfileId,
    @Body() body: ValidateNumbersIn,
  ): Promise<CheckedNumbersOut> {
    return presentNumbers(await this.checks.check(actor, profileId, body));
  }

  @Post('sync/whatsapp')
  @Can('contacts.write')
  @Describe('Sync contacts from WhatsApp', {
    description:
      'Reads the address book of the phone anew, as far as WhatsApp shares it with linked devices. It comes by itself after linking and with every change; this is for who wants to be sure. Safe to repeat.',
    returns: SyncedContactsOut,
    status: 200,
    errors: ['notFound', 'profileNotConnected', 'engineUnavailable'],
  })
  async sync(@CurrentActor() actor: Actor, @Body() { profileId }: SyncContactsIn): Promise<SyncedContactsOut> {
    const { synced, created, updated, errors } = await this.addressBooks.sync(actor, profileId);
    const message = errors[0] ?? `The phone’s address book has ${synced} contacts: ${created} new, ${updated} changed.`;
    return { success: errors.length === 0, message, synced, created, updated, errors };
  }

  @Get('duplicates')
  @Can('contacts.read')
  @Describe('Find duplicates', {
    description:
      'Contacts of a profile with the same name, or the same value of a custom field: perhaps one human with several numbers. One number is never two contacts.',
    returns: [DuplicatesOut],
    page: true,
    errors: ['notFound'],
  })
  async findDuplicates(@CurrentActor() actor: Actor, @Query() query: DuplicatesQuery): Promise<Page<DuplicatesOut>> {
    const { profileId, by, limit, cursor } = query;
    const [, after] = decodeCursor(cursor, [/^value$/, /^[^\0]{1,20000}$/su]) ?? [];
    const field = by === 'name' ? null : by.slice('custom.'.length);
    const groups = await this.duplicates.find(actor, profileId, { field }, { after, limit: limit + 1 });
    return toPage(groups, limit, ({ value }) => ['value', value], presentDuplicates);
  }

  @Post(':id/merge')
  @Can('contacts.write')
  @Describe('Merge contacts', {
    description:
      'Makes one contact of several: it takes tags, custom fields and a name that it lacks from the others, and has opted out when one of them had; then they are gone. Numbers and conversations stay apart, because each number is an account of WhatsApp of its own.',
    returns: ContactOut,
    status: 200,
    errors: ['notFound'],
  })
  async merge(
    @CurrentActor() actor: Actor,
    @IdParam() id: ContactId,
    @Body() { mergeIds }: MergeContactsIn,
  ): Promise<ContactOut> {
    return presentContact(await this.duplicates.merge(actor, id, mergeIds));
  }

  @Get(':id/activity')
  @Can('messages.read')
  @Describe('Activity of a contact', {
    description: 'The last messages with the person, newest first, and when they opted out and in.',
    returns: ContactActivityOut,
    errors: ['notFound'],
  })
  async activity(
    @CurrentActor() actor: Actor,
    @IdParam() id: ContactId,
    @Query() { limit }: ActivityQuery,
  ): Promise<ContactActivityOut> {
    return presentActivity(await this.activities.get(actor, id, limit));
  }
}
