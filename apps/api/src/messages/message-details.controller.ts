import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, MessageId } from '#contracts';
import { MessageDetails } from '#domain';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import {
  FormerWordsOut,
  MessageAnswerOut,
  presentAnswer,
  presentFormerWords,
  presentReceipt,
  ReceiptOut,
} from './message-details.dto.js';

/** Who did what with a message. */
@ApiTags('Messages')
@Controller('messages/:id')
export class MessageDetailsController {
  constructor(private readonly details: MessageDetails) {}

  @Get('receipts')
  @Can('messages.read')
  @Describe('List who got and read a message', {
    description:
      'Of messages of the profile in groups and of its statuses, one entry for each person who confirmed something. Of others it is empty: there the message itself says it.',
    returns: [ReceiptOut],
    errors: ['notFound'],
  })
  async receipts(@CurrentActor() actor: Actor, @IdParam() id: MessageId): Promise<ReceiptOut[]> {
    return (await this.details.receipts(actor, id)).map(presentReceipt);
  }

  @Get('answers')
  @Can('messages.read')
  @Describe('List who reacted, voted or answered', {
    description: 'Reactions, votes of a poll and answers to an event that are in force, oldest first.',
    returns: [MessageAnswerOut],
    errors: ['notFound'],
  })
  async answers(@CurrentActor() actor: Actor, @IdParam() id: MessageId): Promise<MessageAnswerOut[]> {
    return (await this.details.answers(actor, id)).map(presentAnswer);
  }

  @Get('edits')
  @Can('messages.read')
  @Describe('List what a message said before', {
    description: 'Its former words, oldest first. Of a message that was deleted for everyone there are none.',
    returns: [FormerWordsOut],
    errors: ['notFound'],
  })
  async edits(@CurrentActor() actor: Actor, @IdParam() id: MessageId): Promise<FormerWordsOut[]> {
    return (await this.details.edits(actor, id)).map(presentFormerWords);
  }
}
