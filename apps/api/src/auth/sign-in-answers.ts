import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { type Config, publicUrlOf } from '#config';
import { InjectConfig } from '../http/config.js';
import type { SignInOptionsOut } from './auth.dto.js';
import { clearOidcCookie, setDeviceCookie, setOidcCookie } from './cookies.js';

/** What answers of signing in carry besides their body, by the settings: cookies, and what the log-in page shows. */
@Injectable()
export class SignInAnswers {
  readonly publicUrl: string;
  private readonly isSecure: boolean;

  constructor(@InjectConfig() private readonly config: Config) {
    this.publicUrl = publicUrlOf(config);
    this.isSecure = this.publicUrl.startsWith('https:');
  }

  options(): SignInOptionsOut {
    const { auth, oidc } = this.config;
    return {
      registration: auth.registration,
      emailVerification: auth.emailVerification === 'required',
      oidc: oidc.issuer === undefined ? null : { name: oidc.name },
    };
  }

  /** Leaves a mark in the browser of who logged in; an answer that only asks for the second factor has none. */
  remember<T extends object>(response: Response, result: T): T {
    const { deviceToken } = result as { deviceToken?: string };
    if (deviceToken !== undefined) setDeviceCookie(response, deviceToken, this.isSecure);
    return result;
  }

  bindBrowser(response: Response, token: string): void {
    setOidcCookie(response, token, this.isSecure);
  }

  unbindBrowser(response: Response): void {
    clearOidcCookie(response, this.isSecure);
  }
}
