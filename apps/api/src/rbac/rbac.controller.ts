import { Body, Controller, Delete, Get, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Actor, errors, type OrganizationId, type RoleAssignmentId, type RoleId, type UserId } from '#contracts';
import { Members, Roles } from '#domain';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { MemberOut, presentAssignment, presentMember, RoleAssignmentOut } from '../organizations/members.dto.js';
import {
  AssignRoleIn,
  CreateRoleIn,
  DeletedRoleOut,
  HeldPermissionOut,
  PermissionOut,
  permissionList,
  presentRights,
  presentRole,
  RoleOut,
  UpdateRoleIn,
} from './rbac.dto.js';

@ApiTags('Roles')
@Controller('rbac')
export class RbacController {
  constructor(
    private readonly roles: Roles,
    private readonly members: Members,
  ) {}

  @Get('permissions')
  @Can('roles.read')
  @Describe('List permissions', {
    description: 'Everything that a role or an API key can hold.',
    returns: [PermissionOut],
  })
  permissions(): PermissionOut[] {
    return permissionList();
  }

  @Get('roles')
  @Can('roles.read')
  @Describe('List roles', {
    description: 'The system roles, which every organization has, then those of your organization, oldest first.',
    returns: [RoleOut],
  })
  async list(@CurrentActor() actor: Actor): Promise<RoleOut[]> {
    return (await this.roles.list(actor)).map(presentRole);
  }

  @Post('roles')
  @Can('roles.write')
  @Idempotent()
  @Describe('Create a role', {
    description: 'You can put into a role only what you hold yourself in the whole organization.',
    returns: RoleOut,
    errors: ['roleNameTaken'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body() body: CreateRoleIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<RoleOut> {
    return presentRole(await this.roles.create(actor, body, idempotency.storing(presentRole)));
  }

  @Get('roles/:roleId')
  @Can('roles.read')
  @Describe('Get a role', { description: 'One role, of the system or of your organization.', returns: RoleOut })
  async get(@CurrentActor() actor: Actor, @IdParam('roleId') id: RoleId): Promise<RoleOut> {
    return presentRole(await this.roles.get(actor, id));
  }

  @Put('roles/:roleId')
  @Can('roles.write')
  @Describe('Change a role', {
    description:
      'Fields that are left out stay as they are. The change acts at once for everybody who has the role. You can add only what you hold yourself. System roles cannot be changed.',
    returns: RoleOut,
    errors: ['systemRole', 'roleNameTaken'],
  })
  async update(
    @CurrentActor() actor: Actor,
    @IdParam('roleId') id: RoleId,
    @Body() body: UpdateRoleIn,
  ): Promise<RoleOut> {
    return presentRole(await this.roles.update(actor, id, body));
  }

  @Delete('roles/:roleId')
  @Can('roles.write')
  @Describe('Delete a role', {
    description: 'Only one that no member and no open invitation has. System roles cannot be deleted.',
    returns: DeletedRoleOut,
    errors: ['systemRole', 'roleInUse'],
  })
  async delete(@CurrentActor() actor: Actor, @IdParam('roleId') id: RoleId): Promise<DeletedRoleOut> {
    await this.roles.delete(actor, id);
    return { id, deleted: true };
  }

  @Post('assign')
  @Can('members.write')
  @Describe('Give a member a role', {
    description:
      'For the whole organization, in place of the role that the member had there; or for some workspaces or profiles, besides the roles that the member has. It acts at once. You can give only what you hold yourself in those places.',
    returns: MemberOut,
    status: 200,
    errors: ['notFound', 'lastOwner'],
  })
  async assign(@CurrentActor() actor: Actor, @Body() body: AssignRoleIn): Promise<MemberOut> {
    const { userId, roleId, ...places } = body;
    return presentMember(await this.members.assign(actor, userId, roleId, places));
  }

  @Get('users/:userId/roles')
  @Can('members.read')
  @Describe('List the roles of a member', {
    description: 'Every role of the member, with where it holds and what it gives there.',
    returns: [RoleAssignmentOut],
  })
  async rolesOf(@CurrentActor() actor: Actor, @IdParam('userId') id: UserId): Promise<RoleAssignmentOut[]> {
    return (await this.members.get(actor, id)).assignments.map(presentAssignment);
  }

  @Delete('users/:userId/roles/:assignmentId')
  @Can('members.write')
  @Describe('Take a role away', {
    description: 'Takes one assignment of a role from the member. It acts at once.',
    returns: MemberOut,
    errors: ['lastOwner'],
  })
  async unassign(
    @CurrentActor() actor: Actor,
    @IdParam('userId') id: UserId,
    @IdParam('assignmentId') assignmentId: RoleAssignmentId,
  ): Promise<MemberOut> {
    return presentMember(await this.members.unassign(actor, id, assignmentId));
  }

  @Get('users/:userId/permissions')
  @Can('members.read')
  @Describe('List the permissions of a member', {
    description: 'What all roles of the member give together, and where.',
    returns: [HeldPermissionOut],
  })
  async permissionsOf(@CurrentActor() actor: Actor, @IdParam('userId') id: UserId): Promise<HeldPermissionOut[]> {
    return presentRights(await this.members.rights(actor, id));
  }

  @Delete('users/:userId/organizations/:organizationId')
  @Can('members.write')
  @Describe('Take all roles away', {
    description:
      'The member stays and can log in, but may do nothing until a role is given. To remove a member see `DELETE /organizations/members/:memberId`.',
    returns: MemberOut,
    errors: ['lastOwner'],
  })
  async unassignAll(
    @CurrentActor() actor: Actor,
    @IdParam('userId') id: UserId,
    @IdParam('organizationId') organizationId: OrganizationId,
  ): Promise<MemberOut> {
    assertOwn(actor, organizationId);
    return presentMember(await this.members.unassign(actor, id));
  }

  @Post('organizations/:organizationId/seed')
  @Can('roles.write')
  @Describe('Seed the default roles', {
    description:
      'For clients of the older product, where this made them: here every organization has the system roles from its first moment. Answers them and changes nothing.',
    returns: [RoleOut],
    status: 200,
  })
  async seed(
    @CurrentActor() actor: Actor,
    @IdParam('organizationId') organizationId: OrganizationId,
  ): Promise<RoleOut[]> {
    assertOwn(actor, organizationId);
    return (await this.roles.list(actor)).filter(({ isSystem }) => isSystem).map(presentRole);
  }
}

/** @throws notFound for any other organization, which is none of the actor's business */
function assertOwn(actor: Actor, organizationId: OrganizationId): void {
  if (organizationId === actor.organizationId) return;
  throw errors.notFound({ message: 'There is no such organization.', details: { organizationId } });
}
