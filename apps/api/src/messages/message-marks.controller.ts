import { Body, Controller, Delete, Put } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import type { Actor, ErrorName, MessageId } from '#contracts';
import { MessageMarks, messageView } from '#domain';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { IfGiven } from '../http/if-given.js';
import { MessageOut } from './message.dto.js';

export class StarIn {
  @ApiPropertyOptional({ description: 'False: takes the star away.', default: true, example: true })
  @IfGiven()
  @IsBoolean()
  starred?: boolean;
}

export class DeletedMessageOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: '0198c2f3-5e6f-7a1b-9c2d-3e4f5a6b7c8d' })
  id: string;

  @ApiProperty({ description: 'Always true.', example: true })
  deleted: boolean;
}

const errors: ErrorName[] = [
  ...(['notFound', 'profileNotConnected', 'engineUnavailable', 'refusedByWhatsapp'] as const),
  ...(['phoneSettingsDamaged', 'phoneSettingsNotShared'] as const),
];

/** What the account's own devices keep of messages. */
@ApiTags('Messages')
@Controller('messages/:id')
export class MessageMarksController {
  constructor(private readonly marks: MessageMarks) {}

  @Put('star')
  @Can('conversations.write')
  @Describe('Star a message', {
    description: 'On the phone too; the profile has to be connected. Repeating it changes nothing.',
    returns: MessageOut,
    errors,
  })
  async star(@CurrentActor() actor: Actor, @IdParam() id: MessageId, @Body() body: StarIn): Promise<MessageOut> {
    return messageView(await this.marks.star(actor, id, body.starred ?? true));
  }

  @Delete()
  @Can('conversations.write')
  @Describe('Delete a message locally', {
    description:
      "From the account's own devices, the phone too; others keep theirs. From then on it is not found here, like one that never was (404). `POST /messages/delete-for-everyone` takes it from all. The profile has to be connected.",
    returns: DeletedMessageOut,
    errors,
  })
  async remove(@CurrentActor() actor: Actor, @IdParam() id: MessageId): Promise<DeletedMessageOut> {
    await this.marks.deleteForMe(actor, id);
    return { id, deleted: true };
  }
}
