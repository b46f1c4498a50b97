import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Actor, type ContactId, errors, parseContactFilter } from '#contracts';
import { Tags } from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { decodeCursor, decodeIdCursor, encodeCursor, toPage } from '../http/page.js';
import { BulkTagsIn, BulkTagsOut, RenameTagIn, TagChangedOut, TagIn, TagOut, TagsQuery } from './contact-tags.dto.js';

@ApiTags('Contacts')
@Controller('contacts/tags')
export class ContactTagsController {
  constructor(private readonly tags: Tags) {}

  @Get()
  @Can('contacts.read')
  @Describe('List tags', {
    description: 'All tags of a profile’s contacts in their alphabet, with how many contacts have each.',
    returns: [TagOut],
    page: true,
    errors: ['notFound'],
  })
  async list(@CurrentActor() actor: Actor, @Query() query: TagsQuery): Promise<Page<TagOut>> {
    const { profileId, search, limit, cursor } = query;
    const [, after] = decodeCursor(cursor, [/^tag$/, /^[^\0]{1,200}$/u]) ?? [];
    const rows = await this.tags.list(actor, profileId, { search: search || undefined, after, limit: limit + 1 });
    return toPage(
      rows,
      limit,
      ({ tag }) => ['tag', tag],
      ({ tag, count }) => ({ tag, count }),
    );
  }

  @Put()
  @Can('contacts.write')
  @Describe('Rename a tag', {
    description: 'On all contacts of the profile. A contact that has both tags keeps the new one.',
    returns: TagChangedOut,
    errors: ['notFound'],
  })
  async rename(@CurrentActor() actor: Actor, @Body() { profileId, tag, newTag }: RenameTagIn): Promise<TagChangedOut> {
    return { tag, contacts: await this.tags.rename(actor, profileId, tag, newTag) };
  }

  @Delete()
  @Can('contacts.write')
  @Describe('Delete a tag', {
    description: 'Takes it off all contacts of the profile.',
    returns: TagChangedOut,
    errors: ['notFound'],
  })
  async delete(@CurrentActor() actor: Actor, @Body() { profileId, tag }: TagIn): Promise<TagChangedOut> {
    return { tag, contacts: await this.tags.delete(actor, profileId, tag) };
  }

  @Post('bulk')
  @Can('contacts.write')
  @Describe('Tag many contacts', {
    description:
      'Puts tags on the contacts that are named or that a filter means, and takes others off. Safe to repeat.',
    returns: BulkTagsOut,
    status: 200,
    errors: ['notFound', 'invalidCursor'],
  })
  async changeMany(@CurrentActor() actor: Actor, @Body() body: BulkTagsIn): Promise<BulkTagsOut> {
    const { profileId, contactIds, filter, add, remove, cursor } = body;
    if (contactIds === undefined && filter === undefined) {
      throw errors.validation({ fields: [{ path: 'filter', message: 'give `contactIds`, `filter` or both' }] });
    }
    const of = { ids: contactIds, filters: filter && [parseContactFilter(filter)] };
    const after = decodeIdCursor<ContactId>(cursor);
    const { matched, changed, next } = await this.tags.changeMany(actor, { profileId, of, add, remove, after });
    return { matched, changed, nextCursor: next && encodeCursor([next]) };
  }
}
