import * as openid from 'openid-client';
import { errors } from '#contracts';
import { type ProviderFetch, providerFetch } from '../outbound/provider-fetch.js';

export interface OidcSettings {
  issuer: string;
  clientId: string;
  /** Without one the client is public, and PKCE alone protects the code. */
  clientSecret?: string;
  scopes: string;
  /** Where the provider sends people back to. */
  redirectUri: string;
  allowedRanges: readonly string[];
}

/** What has to be kept between sending somebody to the provider and their return. */
export interface OidcSecrets {
  nonce: string;
  verifier: string;
}

/** What the provider says of a person, from the ID token and, where that is silent, its userinfo endpoint. */
export interface OidcPerson {
  issuer: string;
  subject: string;
  email: string | null;
  /** Only when the provider says so itself. */
  isEmailVerified: boolean;
  name: string | null;
}

const DISCOVERY_LIFE_MS = 3600_000;
const TIMEOUT_SECONDS = 10;

/** Speaks OpenID Connect with the installation's identity provider: authorization code with PKCE, state and nonce. */
export class OidcProvider {
  private readonly http: ProviderFetch;
  private discovered: { configuration: Promise<openid.Configuration>; at: number } | undefined;

  constructor(private readonly settings: OidcSettings) {
    this.http = providerFetch(new URL(settings.issuer), settings.allowedRanges);
  }

  /** The address to send a person to, and what to keep until they return. @throws oidcUnavailable */
  async begin(state: string): Promise<{ url: string; secrets: OidcSecrets }> {
    const configuration = await this.configuration();
    const secrets = { nonce: openid.randomNonce(), verifier: openid.randomPKCECodeVerifier() };
    const url = openid.buildAuthorizationUrl(configuration, {
      redirect_uri: this.settings.redirectUri,
      scope: this.settings.scopes,
      state,
      nonce: secrets.nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(secrets.verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, secrets };
  }

  /**
   * Exchanges the code in the address to which a person was sent back. Signature, issuer, audience, times, state, nonce
   * and the PKCE verifier are checked.
   * @throws oidcLoginFailed, oidcUnavailable
   */
  async redeem(query: URLSearchParams, state: string, secrets: OidcSecrets): Promise<OidcPerson> {
    const configuration = await this.configuration();
    const returned = new URL(this.settings.redirectUri);
    returned.search = query.toString();
    try {
      const tokens = await openid.authorizationCodeGrant(configuration, returned, {
        expectedState: state,
        expectedNonce: secrets.nonce,
        pkceCodeVerifier: secrets.verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims()!;
      const { userinfo_endpoint: userinfo } = configuration.serverMetadata();
      const more =
        claims.email === undefined && userinfo !== undefined
          ? await openid.fetchUserInfo(configuration, tokens.access_token, claims.sub)
          : {};
      return personOf(claims.iss, claims.sub, { ...claims, ...more });
    } catch (cause) {
      throw errors.oidcLoginFailed({ cause });
    }
  }

  /** Where to send a person to end their session at the provider too; null when it has no such address. */
  async logoutUrl(returnTo: string): Promise<string | null> {
    const configuration = await this.configuration().catch(() => null);
    if (!configuration?.serverMetadata().end_session_endpoint) return null;
    return openid.buildEndSessionUrl(configuration, { post_logout_redirect_uri: returnTo }).href;
  }

  close(): Promise<void> {
    return this.http.close();
  }

  /** The provider's document, read again every hour. One that could not be read is asked for anew at the next call. */
  private configuration(): Promise<openid.Configuration> {
    const now = Date.now();
    if (this.discovered === undefined || now - this.discovered.at > DISCOVERY_LIFE_MS) {
      const entry = { configuration: this.discover(), at: now };
      this.discovered = entry;
      entry.configuration.catch(() => {
        if (this.discovered === entry) this.discovered = undefined;
      });
    }
    return this.discovered.configuration;
  }

  private async discover(): Promise<openid.Configuration> {
    const { issuer, clientId, clientSecret } = this.settings;
    try {
      return await openid.discovery(
        new URL(issuer),
        clientId,
        undefined,
        clientSecret === undefined ? openid.None() : openid.ClientSecretBasic(clientSecret),
        {
          [openid.customFetch]: (url, init) => this.http.fetch(url, init),
          timeout: TIMEOUT_SECONDS,
          // Only where the operator wrote http: a provider on the same machine or in the same network.
          execute: new URL(issuer).protocol === 'http:' ? [openid.allowInsecureRequests] : [],
        },
      );
    } catch (cause) {
      throw errors.oidcUnavailable({ retryAfterSeconds: 30, cause });
    }
  }
}

function personOf(issuer: string, subject: string, claims: Record<string, unknown>): OidcPerson {
  const text = (value: unknown, longest: number) =>
    typeof value === 'string' && value.trim() !== '' && value.length <= longest ? value.trim() : null;
  return {
    issuer,
    subject,
    email: text(claims.email, 254)?.toLowerCase() ?? null,
    isEmailVerified: claims.email_verified === true,
    name: text(claims.name, 100) ?? text(claims.preferred_username, 100),
  };
}
