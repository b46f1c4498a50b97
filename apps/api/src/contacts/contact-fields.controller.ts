import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, ContactFieldId } from '#contracts';
import { ContactFields } from '#domain';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import {
  ContactFieldOut,
  ContactFieldsQuery,
  CreateContactFieldIn,
  DeletedContactFieldOut,
  presentContactField,
  UpdateContactFieldIn,
} from './contact-fields.dto.js';

@ApiTags('Contacts')
@Controller('contacts/fields')
export class ContactFieldsController {
  constructor(private readonly fields: ContactFields) {}

  @Get()
  @Can('contacts.read')
  @Describe('List custom fields', {
    description: 'What is defined for the contacts of a profile, the organization’s definitions included; at most 200.',
    returns: [ContactFieldOut],
    errors: ['notFound'],
  })
  async list(@CurrentActor() actor: Actor, @Query() { profileId }: ContactFieldsQuery): Promise<ContactFieldOut[]> {
    return (await this.fields.list(actor, profileId)).map(presentContactField);
  }

  @Post()
  @Can('contacts.write')
  @Idempotent()
  @Describe('Define a custom field', {
    description:
      'Values that are given from then on have to be of its type; those that are there stay. What is not defined holds anything.',
    returns: ContactFieldOut,
    errors: ['notFound', 'contactFieldTaken', 'tooManyContactFields', 'forbidden'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body() { profileId, everywhere, ...draft }: CreateContactFieldIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<ContactFieldOut> {
    const made = { ...draft, profileId: everywhere ? null : profileId };
    return presentContactField(await this.fields.create(actor, made, idempotency.storing(presentContactField)));
  }

  @Put(':contactFieldId')
  @Can('contacts.write')
  @Describe('Change a custom field', {
    description: 'Key and type stay, because values were given by them.',
    returns: ContactFieldOut,
    errors: ['notFound', 'forbidden'],
  })
  async update(
    @CurrentActor() actor: Actor,
    @IdParam('contactFieldId') id: ContactFieldId,
    @Body() body: UpdateContactFieldIn,
  ): Promise<ContactFieldOut> {
    return presentContactField(await this.fields.update(actor, id, body));
  }

  @Delete(':contactFieldId')
  @Can('contacts.write')
  @Describe('Delete a custom field', {
    description: 'Only its definition: the values of contacts stay.',
    returns: DeletedContactFieldOut,
    errors: ['notFound', 'forbidden'],
  })
  async delete(
    @CurrentActor() actor: Actor,
    @IdParam('contactFieldId') id: ContactFieldId,
  ): Promise<DeletedContactFieldOut> {
    await this.fields.delete(actor, id);
    return { id, deleted: true };
  }
}
