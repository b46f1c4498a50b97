import { Body, Controller, Delete, Get, Patch, Post, Put, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Actor, ContactId } from '#contracts';
import { Blocking, ContactPictures, Contacts } from '#domain';
import { Can } from '../http/access.js';
import { type Answer, answer } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeIdCursor, toPage } from '../http/page.js';
import { liveErrors } from '../openapi/live-errors.js';
import { ContactDetailsOut, ContactOut, presentContact, presentContactDetails } from './contact.dto.js';
import {
  ContactsOut,
  ContactsQuery,
  ContactTagsIn,
  DeletedContactOut,
  filterOf,
  KeepContactIn,
  OptOutIn,
  PictureQuery,
  tagsOf,
  UpdateContactIn,
} from './contacts.dto.js';

const updateDescription = 'Fields that are left out stay; `tags` and `metadata` take the place of all that were there.';

@ApiTags('Contacts')
@Controller('contacts')
export class ContactsController {
  constructor(
    private readonly contacts: Contacts,
    private readonly blocking: Blocking,
    private readonly pictures: ContactPictures,
  ) {}

  @Get()
  @Can('contacts.read')
  @Describe('List contacts', {
    description: 'Newest first; filters all have to fit. `total` counts all that fit.',
    returns: ContactsOut,
    errors: ['notFound'],
  })
  async list(@CurrentActor() actor: Actor, @Query() query: ContactsQuery): Promise<ContactsOut> {
    const { profileId, limit, offset, cursor, search, tags, filter, segmentId } = query;
    const page = { before: decodeIdCursor<ContactId>(cursor), offset, limit: limit + 1 };
    const asked = { search, tags: tagsOf(tags), filter: filterOf(filter), segmentId };
    const { contacts, total } = await this.contacts.list(actor, profileId, asked, page);
    const { items, meta } = toPage(contacts, limit, ({ id }) => [id], presentContact);
    return { contacts: items, total, limit, offset, nextCursor: meta.nextCursor };
  }

  @Post()
  @Can('contacts.write')
  @Idempotent()
  @Describe('Create contact', {
    description:
      'Adds somebody to the address book of a profile. Who is there already is changed and answered with 200: a name takes the place of the former, tags and custom fields come beside those that are there. Whoever opted out stays opted out.',
    returns: ContactOut,
    status: [201, 200],
    errors: ['notFound'],
  })
  async keep(
    @CurrentActor() actor: Actor,
    @Body() body: KeepContactIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<ContactOut>> {
    const present = ({ contact, isNew }: Awaited<ReturnType<Contacts['keep']>>) =>
      answer(isNew ? 201 : 200, presentContact(contact));
    return present(await this.contacts.keep(actor, body, idempotency.storing(present)));
  }

  @Get(':id')
  @Can('contacts.read')
  @Describe('Get contact', {
    description: 'One contact, with all addresses of the person and their contacts at other profiles.',
    returns: ContactDetailsOut,
    errors: ['notFound'],
  })
  async get(@CurrentActor() actor: Actor, @IdParam() id: ContactId): Promise<ContactDetailsOut> {
    return presentContactDetails(await this.contacts.get(actor, id));
  }

  @Put(':id')
  @Can('contacts.write')
  @Describe('Update contact', { description: updateDescription, returns: ContactOut, errors: ['notFound'] })
  async update(
    @CurrentActor() actor: Actor,
    @IdParam() id: ContactId,
    @Body() body: UpdateContactIn,
  ): Promise<ContactOut> {
    return presentContact(await this.contacts.update(actor, id, body));
  }

  @Patch(':id')
  @Can('contacts.write')
  @Describe('Update contact (older form)', {
    description: `The same as \`PUT\`, for clients of the older version. ${updateDescription}`,
    returns: ContactOut,
    errors: ['notFound'],
  })
  patch(@CurrentActor() actor: Actor, @IdParam() id: ContactId, @Body() body: UpdateContactIn): Promise<ContactOut> {
    return this.update(actor, id, body);
  }

  @Delete(':id')
  @Can('contacts.write')
  @Describe('Delete contact', {
    description:
      'Takes the contact out of the address book, with tags and custom fields. Conversation and messages stay, and so does an opt-out: it holds again when the person becomes a contact again. To erase everything about a person, see Privacy.',
    returns: DeletedContactOut,
    errors: ['notFound'],
  })
  async delete(@CurrentActor() actor: Actor, @IdParam() id: ContactId): Promise<DeletedContactOut> {
    await this.contacts.delete(actor, id);
    return { id, deleted: true };
  }

  @Post(':id/tags')
  @Can('contacts.write')
  @Describe('Add tags', {
    description: 'Tags that are there already stay as they are.',
    returns: ContactOut,
    status: 200,
    errors: ['notFound'],
  })
  async addTags(
    @CurrentActor() actor: Actor,
    @IdParam() id: ContactId,
    @Body() { tags }: ContactTagsIn,
  ): Promise<ContactOut> {
    return presentContact(await this.contacts.changeTags(actor, id, 'add', tags));
  }

  @Delete(':id/tags')
  @Can('contacts.write')
  @Describe('Remove tags', {
    description: 'Tags that are not there are passed over.',
    returns: ContactOut,
    errors: ['notFound'],
  })
  async removeTags(
    @CurrentActor() actor: Actor,
    @IdParam() id: ContactId,
    @Body() { tags }: ContactTagsIn,
  ): Promise<ContactOut> {
    return presentContact(await this.contacts.changeTags(actor, id, 'remove', tags));
  }

  @Post(':id/opt-out')
  @Can('contacts.write')
  @Describe('Opt out', {
    description:
      'The person wants no campaigns of this profile: broadcasts leave them out. Single sends, which answer people, stay possible. Safe to repeat.',
    returns: ContactOut,
    status: 200,
    errors: ['notFound'],
  })
  async optOut(
    @CurrentActor() actor: Actor,
    @IdParam() id: ContactId,
    @Body() { reason }: OptOutIn,
  ): Promise<ContactOut> {
    return presentContact(await this.contacts.changeOptOut(actor, id, true, reason || null));
  }

  @Post(':id/opt-in')
  @Can('contacts.write')
  @Describe('Opt in again', {
    description: 'The person may have campaigns of this profile again. Safe to repeat.',
    returns: ContactOut,
    status: 200,
    errors: ['notFound'],
  })
  async optIn(
    @CurrentActor() actor: Actor,
    @IdParam() id: ContactId,
    @Body() { reason }: OptOutIn,
  ): Promise<ContactOut> {
    return presentContact(await this.contacts.changeOptOut(actor, id, false, reason || null));
  }

  @Post(':id/block')
  @Can('contacts.write')
  @Describe('Block on WhatsApp', {
    description: 'On all devices of the account: the person can neither write nor call. Safe to repeat.',
    returns: ContactOut,
    status: 200,
    errors: liveErrors,
  })
  async block(@CurrentActor() actor: Actor, @IdParam() id: ContactId): Promise<ContactOut> {
    return presentContact(await this.blocking.set(actor, id, true));
  }

  @Post(':id/unblock')
  @Can('contacts.write')
  @Describe('Unblock on WhatsApp', {
    description: 'On all devices of the account. Safe to repeat.',
    returns: ContactOut,
    status: 200,
    errors: liveErrors,
  })
  async unblock(@CurrentActor() actor: Actor, @IdParam() id: ContactId): Promise<ContactOut> {
    return presentContact(await this.blocking.set(actor, id, false));
  }

  @Get(':id/picture')
  @Can('contacts.read')
  @Describe('Get the picture of a contact', {
    description:
      'The picture that the person shows, a JPEG, asked of WhatsApp now. 404: there is none, or it is hidden.',
    returns: 'file',
    errors: liveErrors,
  })
  async picture(
    @CurrentActor() actor: Actor,
    @IdParam() id: ContactId,
    @Query() { size }: PictureQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const bytes = await this.pictures.get(actor, id, size);
    response.set({ 'Cache-Control': 'private, max-age=300', 'X-Content-Type-Options': 'nosniff' });
    return new StreamableFile(bytes, { type: 'image/jpeg', disposition: 'inline', length: bytes.byteLength });
  }
}
