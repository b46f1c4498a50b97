import { Controller, Get, Header, Param, Post, Res, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { CatalogueError } from '#contracts';
import { LinkOptOuts, type LinkProfile } from '#domain';
import { LimitedByAddress, Public } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { type OptOutPageState, optOutPage } from './opt-out-page.js';

/** The page behind the link in a campaign. Open to everybody on purpose: the link is what proves who one is. */
@ApiTags('Contacts')
@Controller('opt-out/:token')
export class OptOutPageController {
  constructor(private readonly optOuts: LinkOptOuts) {}

  @Get()
  @Public()
  @LimitedByAddress('visitor')
  @Header('Cache-Control', 'no-store')
  @Header('Referrer-Policy', 'no-referrer')
  @Describe('Open the page to opt out', {
    description:
      'HTML with a button. Opening it changes nothing, because programs that preview links open them too. It says the same for people who are contacts and for those who are not.',
    returns: 'file',
    errors: ['linkInvalid'],
  })
  look(@Param('token') token: string, @Res({ passthrough: true }) response: Response): Promise<StreamableFile> {
    return page(response, 'asked', null, () => this.optOuts.look(token));
  }

  @Post()
  @Public()
  @LimitedByAddress('visitor')
  @Header('Cache-Control', 'no-store')
  @Header('Referrer-Policy', 'no-referrer')
  @Describe('Opt out by a link', {
    description: 'What the button does: the person of the link gets no more campaigns of the profile. Safe to repeat.',
    returns: 'file',
    errors: ['linkInvalid'],
    status: 200,
  })
  optOut(@Param('token') token: string, @Res({ passthrough: true }) response: Response): Promise<StreamableFile> {
    return page(response, 'out', `${token}/return`, () => this.optOuts.change(token, true));
  }

  @Post('return')
  @Public()
  @LimitedByAddress('visitor')
  @Header('Cache-Control', 'no-store')
  @Header('Referrer-Policy', 'no-referrer')
  @Describe('Opt in again by a link', {
    description: 'For who pressed the button by mistake.',
    returns: 'file',
    errors: ['linkInvalid'],
    status: 200,
  })
  comeBack(@Param('token') token: string, @Res({ passthrough: true }) response: Response): Promise<StreamableFile> {
    return page(response, 'back', null, () => this.optOuts.change(token, false));
  }
}

async function page(
  response: Response,
  state: OptOutPageState,
  path: string | null,
  act: () => Promise<LinkProfile>,
): Promise<StreamableFile> {
  try {
    const { phoneNumber } = await act();
    return html(optOutPage(state, phoneNumber, path));
  } catch (failure) {
    const isPerson = response.req.accepts(['json', 'html']) === 'html';
    if (!isPerson || !(failure instanceof CatalogueError) || failure.code !== 'LINK_INVALID') throw failure;
    response.status(404);
    return html(optOutPage('unknown', null));
  }
}

function html(text: string): StreamableFile {
  return new StreamableFile(Buffer.from(text), { type: 'text/html; charset=utf-8' });
}
