import { Body, Controller, Delete, Get, Post, type Provider, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, ErrorName } from '#contracts';
import { Database } from '#database';
import { Conversations, EngineGateway, Labels } from '#domain';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import {
  CountedLabelOut,
  CreateLabelIn,
  LabelMarkOut,
  LabelOut,
  LabelsQuery,
  LabelTargetIn,
  presentCounted,
  presentLabel,
  RemovedLabelOut,
  UpdateLabelIn,
} from './labels.dto.js';

const errors: ErrorName[] = [
  'notFound',
  'labelNameTaken',
  'profileNotConnected',
  'engineUnavailable',
  'notSupported',
  'refusedByWhatsapp',
];
const onWhatsapp = 'One that lives on WhatsApp is changed there first, for which the profile has to be connected.';

/** Labels on chats and messages: of the WhatsApp Business account, or of Waypost alone. */
@ApiTags('Labels')
@Controller('labels')
export class LabelsController {
  constructor(private readonly labels: Labels) {}

  @Get()
  @Can('conversations.read')
  @Describe('List labels', {
    description: 'Of a profile, by name, those of WhatsApp and our own.',
    returns: [CountedLabelOut],
    errors: ['notFound'],
  })
  async list(@CurrentActor() actor: Actor, @Query() { profileId }: LabelsQuery): Promise<CountedLabelOut[]> {
    return (await this.labels.list(actor, profileId)).map(presentCounted);
  }

  @Post()
  @Can('conversations.write')
  @Describe('Make a label', {
    description: `Of a WhatsApp Business account on its phone too. ${onWhatsapp}`,
    returns: LabelOut,
    errors,
  })
  async create(@CurrentActor() actor: Actor, @Body() body: CreateLabelIn): Promise<LabelOut> {
    const { profileId, name, color = 0, livesOn } = body;
    return presentLabel(await this.labels.create(actor, profileId, { name, color }, livesOn));
  }

  @Put(':id')
  @Can('conversations.write')
  @Describe('Change a label', { description: `Its name or colour. ${onWhatsapp}`, returns: LabelOut, errors })
  async update(@CurrentActor() actor: Actor, @IdParam() id: string, @Body() body: UpdateLabelIn): Promise<LabelOut> {
    return presentLabel(await this.labels.update(actor, id, body));
  }

  @Delete(':id')
  @Can('conversations.write')
  @Describe('Delete a label', { description: `Everything loses it. ${onWhatsapp}`, returns: RemovedLabelOut, errors })
  async remove(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<RemovedLabelOut> {
    await this.labels.remove(actor, id);
    return { id, deleted: true };
  }

  @Post(':id/attach')
  @Can('conversations.write')
  @Describe('Put a label on a chat or a message', {
    description: `Repeating it changes nothing. ${onWhatsapp}`,
    returns: LabelMarkOut,
    status: 200,
    errors,
  })
  attach(@CurrentActor() actor: Actor, @IdParam() id: string, @Body() body: LabelTargetIn): Promise<LabelMarkOut> {
    return this.mark(actor, id, body, true);
  }

  @Post(':id/detach')
  @Can('conversations.write')
  @Describe('Take a label off a chat or a message', {
    description: `Repeating it changes nothing. ${onWhatsapp}`,
    returns: LabelMarkOut,
    status: 200,
    errors,
  })
  detach(@CurrentActor() actor: Actor, @IdParam() id: string, @Body() body: LabelTargetIn): Promise<LabelMarkOut> {
    return this.mark(actor, id, body, false);
  }

  private async mark(actor: Actor, labelId: string, target: LabelTargetIn, attached: boolean): Promise<LabelMarkOut> {
    const { conversationId, messageId } = target;
    await this.labels.mark(actor, labelId, { conversationId, messageId }, attached);
    return { labelId, conversationId, messageId: messageId ?? null, attached };
  }
}

/** What the controller of labels asks for. */
export const labelProviders: Provider[] = [
  {
    provide: Labels,
    inject: [Database, Conversations, EngineGateway],
    useFactory: (db: Database, conversations: Conversations, gateway: EngineGateway) =>
      new Labels(db, conversations, gateway),
  },
];
