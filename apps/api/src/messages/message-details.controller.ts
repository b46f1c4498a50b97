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
  MessageHistoryOut,
  presentAnswer,
  presentFormerWords,
  presentReceipt,
  presentTimeline,
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

  @Get('history')
  @Can('messages.read')
  @Describe('Get the history of a message', {
    description:
      'Every state with its time and reason, what was done to the message, its former words, and who got and read it. As the event log tells it; of what is older than the log the message itself remembers the states.',
    returns: MessageHistoryOut,
    errors: ['notFound'],
  })
  async history(@CurrentActor() actor: Actor, @IdParam() id: MessageId): Promise<MessageHistoryOut> {
    const timeline = await this.details.timeline(actor, id);
    const [edits, receipts] = await Promise.all([this.details.edits(actor, id), this.details.receipts(actor, id)]);
    return {
      ...presentTimeline(id, timeline),
      edits: edits.map(presentFormerWords),
      receipts: receipts.map(presentReceipt),
    };
  }
}
