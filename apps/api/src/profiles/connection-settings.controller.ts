import { Body, Controller, Delete, Get, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, ProfileId } from '#contracts';
import { ConnectionSettings } from '#domain';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import {
  ConnectionSettingsIn,
  ConnectionSettingsOut,
  ProxyIn,
  ProxyOut,
  ProxyTestOut,
  presentProxy,
  presentProxyTest,
  presentWishes,
  proxyDraft,
  TestProxyIn,
} from './connection-settings.dto.js';

/** How the connection of a profile is made. */
@ApiTags('Profiles')
@Controller('profiles/:id')
export class ConnectionSettingsController {
  constructor(private readonly settings: ConnectionSettings) {}

  @Get('connection-settings')
  @Can('profiles.read')
  @Describe('Get the connection settings', {
    description: 'What the connection of the profile takes in, and as what it shows itself to the phone.',
    returns: ConnectionSettingsOut,
    errors: ['notFound'],
  })
  async get(@CurrentActor() actor: Actor, @IdParam() id: ProfileId): Promise<ConnectionSettingsOut> {
    return presentWishes(await this.settings.wishes(actor, id));
  }

  @Put('connection-settings')
  @Can('profiles.write')
  @Describe('Change the connection settings', {
    description:
      'Fields that are left out stay as they are. A live connection is opened anew at once with the new settings; messages that arrive meanwhile are kept by WhatsApp.',
    returns: ConnectionSettingsOut,
    errors: ['notFound'],
  })
  async put(
    @CurrentActor() actor: Actor,
    @IdParam() id: ProfileId,
    @Body() body: ConnectionSettingsIn,
  ): Promise<ConnectionSettingsOut> {
    return presentWishes(await this.settings.saveWishes(actor, id, given(body)));
  }

  @Get('proxy')
  @Can('profiles.read')
  @Describe('Get the proxy', {
    description: 'Where the connection of the profile goes through. The password is never shown.',
    returns: ProxyOut,
    errors: ['notFound'],
  })
  async getProxy(@CurrentActor() actor: Actor, @IdParam() id: ProfileId): Promise<ProxyOut> {
    return presentProxy(await this.settings.proxy(actor, id));
  }

  @Put('proxy')
  @Can('profiles.write')
  @Describe('Set the proxy', {
    description:
      'From now on everything of the connection goes through it, messages and files, and nothing around it: when it fails, the profile waits in the state `reconnecting` with the code `proxy_unreachable` or `proxy_refused`. A live connection is opened anew at once. The address must be public, or within OUTBOUND_ALLOWED_RANGES.',
    returns: ProxyOut,
    errors: ['notFound', 'urlNotAllowed'],
  })
  async putProxy(@CurrentActor() actor: Actor, @IdParam() id: ProfileId, @Body() body: ProxyIn): Promise<ProxyOut> {
    return presentProxy(await this.settings.saveProxy(actor, id, proxyDraft(body)));
  }

  @Delete('proxy')
  @Can('profiles.write')
  @Describe('Remove the proxy', {
    description: 'The connection goes its own way again, at once. Repeating it changes nothing.',
    returns: ProxyOut,
    errors: ['notFound'],
  })
  async deleteProxy(@CurrentActor() actor: Actor, @IdParam() id: ProfileId): Promise<ProxyOut> {
    await this.settings.removeProxy(actor, id);
    return presentProxy(null);
  }

  @Post('proxy/test')
  @Can('profiles.write')
  @Describe('Test the proxy', {
    description: 'Opens a way to WhatsApp through the stored proxy, or through a candidate before it is saved.',
    returns: ProxyTestOut,
    status: 200,
    errors: ['notFound', 'urlNotAllowed'],
  })
  async testProxy(
    @CurrentActor() actor: Actor,
    @IdParam() id: ProfileId,
    @Body() body: TestProxyIn,
  ): Promise<ProxyTestOut> {
    const candidate = body.candidate && proxyDraft(body.candidate);
    return presentProxyTest(await this.settings.testProxy(actor, id, candidate));
  }
}

/** Without what was left out, which would otherwise overwrite what is stored. */
function given<T extends object>(body: T): T {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as T;
}
