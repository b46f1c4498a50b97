import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';

export interface ProviderPerson {
  email?: string;
  emailVerified?: boolean;
  name?: string;
}

/**
 * A real OpenID Connect provider (oidc-provider) on this machine. Its log-in page is skipped: whoever comes is the person
 * that the test chose with `signInAs`, and consents.
 */
export class IdentityProvider {
  readonly people = new Map<string, ProviderPerson>();
  /** Who comes next, by subject. */
  signInAs = '';
  private constructor(
    readonly issuer: string,
    private readonly server: Server,
  ) {}

  static async start(redirectUri: string): Promise<IdentityProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const made = new IdentityProvider(issuer, server);
    server.on('request', provider(made, redirectUri));
    return made;
  }

  /**
   * Follows the address as a browser does that comes from a fresh start, through log-in and consent.
   * @returns the address to which it is sent back
   */
  async visit(url: string): Promise<URL> {
    const cookies = new Map<string, string>();
    let next = new URL(url);
    for (let hops = 0; hops < 10; hops++) {
      const response = await fetch(next, {
        redirect: 'manual',
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [name = '', value = ''] = cookie.split(';', 1)[0]!.split('=', 2);
        if (value === '') cookies.delete(name);
        else cookies.set(name, value);
      }
      const location = response.headers.get('location');
      if (location === null) throw new Error(`The provider answered ${response.status}: ${await response.text()}`);
      next = new URL(location, next);
      if (next.origin !== this.issuer) return next;
    }
    throw new Error('The provider sends in circles.');
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

function provider(made: IdentityProvider, redirectUri: string) {
  const configuration: Configuration = {
    clients: [
      {
        client_id: 'waypost',
        client_secret: 'the secret of the client',
        redirect_uris: [redirectUri],
        post_logout_redirect_uris: ['https://waypost.test'],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['a key of the cookies'] },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, accountId) => ({
      accountId,
      claims: () => {
        const { email, emailVerified, name } = made.people.get(accountId)!;
        return { sub: accountId, email, email_verified: emailVerified, name };
      },
    }),
  };
  const oidc = new Provider(made.issuer, configuration);
  oidc.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next();
    const { prompt, params } = await oidc.interactionDetails(ctx.req, ctx.res);
    if (prompt.name === 'login') {
      return oidc.interactionFinished(ctx.req, ctx.res, { login: { accountId: made.signInAs } });
    }
    const grant = new oidc.Grant({ accountId: made.signInAs, clientId: String(params.client_id) });
    grant.addOIDCScope('openid email profile');
    return oidc.interactionFinished(ctx.req, ctx.res, { consent: { grantId: await grant.save() } });
  });
  return oidc.callback();
}
