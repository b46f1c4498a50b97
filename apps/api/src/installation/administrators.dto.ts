import { ApiProperty } from '@nestjs/swagger';
import { IsEmail, MaxLength } from 'class-validator';
import type { PlatformAdminRow } from '#database';

export class AddAdministratorIn {
  @ApiProperty({
    description: 'Address of somebody who has an account here.',
    format: 'email',
    example: 'ada@example.com',
  })
  @IsEmail()
  @MaxLength(320)
  email: string;
}

export class AdministratorOut {
  @ApiProperty({ description: 'Id of the person.', format: 'uuid', example: '0198c2f0-7b19-7c11-b2a4-1f2e3d4c5b6a' })
  userId: string;

  @ApiProperty({ description: 'Login name.', format: 'email', example: 'ada@example.com' })
  email: string;

  @ApiProperty({ description: 'Name.', example: 'Ada' })
  name: string;

  @ApiProperty({ description: 'Their organization.', format: 'uuid', example: '0198c2f0-7b19-7c11-b2a4-1f2e3d4c5b6b' })
  organizationId: string;

  @ApiProperty({ description: 'Its name.', example: 'Example Inc.' })
  organizationName: string;

  @ApiProperty({ description: 'Whether they can log in.', example: true })
  isActive: boolean;
}

export class RemovedAdministratorOut {
  @ApiProperty({ description: 'Id of the person.', format: 'uuid', example: '0198c2f0-7b19-7c11-b2a4-1f2e3d4c5b6a' })
  userId: string;

  @ApiProperty({ description: 'Always true.', example: true })
  removed: boolean;
}

export const presentAdministrator = ({ id, ...facts }: PlatformAdminRow): AdministratorOut => ({
  userId: id,
  email: facts.email,
  name: facts.name,
  organizationId: facts.organizationId,
  organizationName: facts.organizationName,
  isActive: facts.isActive,
});
