import { createHash, timingSafeEqual } from 'node:crypto';
import {
  type ArgumentsHost,
  Body,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  Header,
  HttpCode,
  HttpException,
  Inject,
  Injectable,
  Param,
  Post,
  UnauthorizedException,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import type { ProfileId } from '#contracts';
import { type EngineCalls, engineRefusals, Logger, PAIRING_READY_MS, pack, unpack } from '#domain';
import { abilityCall, type Connection, EngineError } from '#engine';
import { ConnectionSupervisor } from './connection-supervisor.js';
import { EngineMetrics } from './engine-metrics.js';
import type { HeldProfile } from './held-profile.js';

/** The shared secret of api and engine. */
export const INTERNAL_SECRET = Symbol('internal-secret');

/** Lets in whoever shows the shared secret. Compared in constant time, over hashes so that the length does not show. */
@Injectable()
export class InternalGuard implements CanActivate {
  private readonly expected: Buffer;

  constructor(@Inject(INTERNAL_SECRET) secret: string) {
    this.expected = digest(`Bearer ${secret}`);
  }

  canActivate(context: ExecutionContext): boolean {
    const { authorization } = context.switchToHttp().getRequest<Request>().headers;
    if (timingSafeEqual(digest(authorization ?? ''), this.expected)) return true;
    throw new UnauthorizedException();
  }
}

/** Something that the owner could not do, by its code. */
class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Renders `{ error: { code, message } }`, which the gateway of the api reads. */
@Catch()
@Injectable()
export class InternalErrors implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const send = (status: number, code: string, message: string) =>
      response.status(status).json({ error: { code, message } });
    if (error instanceof HttpException) return void send(error.getStatus(), 'http_error', error.message);
    if (error instanceof Refused || error instanceof EngineError) return void send(409, error.code, error.message);
    this.log.error({ err: error }, 'an internal call failed');
    send(500, 'internal_error', 'The engine failed.');
  }
}

/** What the api asks live of the process that holds a profile. Shapes: domain/profiles/engine-calls.ts. */
@Controller('internal/profiles/:id')
@UseGuards(InternalGuard)
@UseFilters(InternalErrors)
export class InternalController {
  constructor(private readonly supervisor: ConnectionSupervisor) {}

  @Post('pairing-code')
  @HttpCode(200)
  async pairingCode(@Param('id') id: ProfileId, @Body() body: EngineCalls['pairing-code']['body']) {
    const profile = this.held(id);
    if (await profile.reached(['pairing', 'connected'], PAIRING_READY_MS)) assertUnlinked(profile);
    const { connection, state } = profile;
    if (state !== 'pairing' || !connection) throw new Refused(engineRefusals.notPairing, 'Not ready for pairing.');
    return data<'pairing-code'>({ code: await connection.requestPairingCode(body.phone) });
  }

  @Post('read')
  @HttpCode(200)
  async read(@Param('id') id: ProfileId, @Body() { chat, messages }: EngineCalls['read']['body']) {
    await this.connected(id).markRead(chat, messages);
    return data<'read'>({});
  }

  @Post('typing')
  @HttpCode(200)
  async typing(@Param('id') id: ProfileId, @Body() { chat, state }: EngineCalls['typing']['body']) {
    await this.connected(id).setTyping(chat, state);
    return data<'typing'>({});
  }

  @Post('ability')
  @HttpCode(200)
  async ability(@Param('id') id: ProfileId, @Body() { ability, method, args }: EngineCalls['ability']['body']) {
    const call = abilityCall(this.connected(id).abilities, ability, method);
    if (!call) throw new Refused(engineRefusals.noAbility, 'This engine cannot do that.');
    return data<'ability'>({ result: pack((await call(...args.map(unpack))) ?? null) });
  }

  @Post('restart')
  @HttpCode(200)
  async restart(@Param('id') id: ProfileId) {
    await this.held(id).restart();
    return data<'restart'>({});
  }

  @Post('health')
  @HttpCode(200)
  health(@Param('id') id: ProfileId) {
    return data<'health'>(this.held(id).health);
  }

  private held(id: ProfileId): HeldProfile {
    const profile = this.supervisor.find(id);
    if (!profile) throw new Refused(engineRefusals.notHeld, 'This engine does not hold the profile.');
    return profile;
  }

  private connected(id: ProfileId): Connection {
    const profile = this.held(id);
    if (profile.state === 'connected' && profile.connection) return profile.connection;
    throw new Refused(engineRefusals.notConnected, 'The profile is not connected.');
  }
}

/** For probes and monitoring; without the secret, since it tells nothing of any tenant. */
@Controller()
export class ProbesController {
  constructor(
    private readonly supervisor: ConnectionSupervisor,
    private readonly metrics: EngineMetrics,
  ) {}

  @Get('health')
  health() {
    return { status: 'ok', profiles: [...this.supervisor.profiles].length };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  readMetrics(): Promise<string> {
    return this.metrics.read();
  }
}

function data<N extends keyof EngineCalls>(answer: EngineCalls[N]['answer']) {
  return { data: answer };
}

function assertUnlinked({ state }: HeldProfile): void {
  if (state === 'connected') throw new Refused(engineRefusals.alreadyLinked, 'The profile is linked already.');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
