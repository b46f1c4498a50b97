import { Database } from '#database';
import type { ConfigOverrides } from '#testing';
import { createTestDatabase, type TestDatabase, until } from '#testing';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { type RunningWorker, startWorker } from '../apps/worker/src/start-worker.js';

import { MailServer } from './mail-server.js';

/** An api and a worker with a mail server: what signing in needs, and nothing of WhatsApp. */
export class SignInSite {
  /** The address people know it by; links and passkeys carry it. */
  static readonly publicUrl = 'https://waypost.test';

  private constructor(
    readonly api: RunningApi,
    readonly db: Database,
    readonly mails: MailServer,
    readonly database: TestDatabase,
    private readonly worker: RunningWorker,
  ) {}

  /** @param options.dashboard folder of the built dashboard; without it the api has no pages */
  static async start(overrides: ConfigOverrides = {}, options: { dashboard?: string } = {}): Promise<SignInSite> {
    const mails = await MailServer.start();
    const database = await createTestDatabase({
      outbound: { allowedRanges: ['127.0.0.0/8'] },
      mail: { smtpUrl: `smtp://127.0.0.1:${mails.port}`, from: 'Waypost <waypost@example.com>' },
      ...overrides,
      http: { publicUrl: SignInSite.publicUrl, ...overrides.http },
    });
    const db = await Database.open(database.config.database, 'sign-in spec');
    const api = await startApi(database.config, options);
    const worker = await startWorker(database.config);
    return new SignInSite(api, db, mails, database, worker);
  }

  get url(): string {
    return this.api.url;
  }

  /** Waits for the nth mail to an address. @returns its text */
  async mail(to: string, nth = 1): Promise<string> {
    const { raw } = await until(() => this.mails.to(to)[nth - 1], { what: `mail ${nth} to ${to}` });
    return raw.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=');
  }

  /** The token in the link of the nth mail to an address. */
  async tokenMailedTo(to: string, nth = 1): Promise<string> {
    const text = await this.mail(to, nth);
    const token = /https:\/\/waypost\.test\/[a-z-]+#(?:token|registration)=([\w-]+)/.exec(text)?.[1];
    if (token === undefined) throw new Error(`No link in: ${text}`);
    return token;
  }

  /** Waits until the worker has answered all requests for mail. */
  async mailRequestsDone(): Promise<void> {
    await until(async () => (await this.db.query('select 1 from mail_requests')).length === 0, {
      what: 'the requests for mail to be answered',
    });
  }

  async stop(): Promise<void> {
    await this.worker.stop();
    await this.api.stop();
    await this.db.close();
    await this.mails.stop();
    await this.database.drop();
  }
}
