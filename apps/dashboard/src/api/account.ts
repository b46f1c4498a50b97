import { call } from './http.ts';

/** The public requests of account pages; each rejects with a Refusal. */

export interface LoggedIn {
  accessToken: string;
  refreshToken: string;
  /** Life of the access token, seconds. */
  expiresIn: number;
}

/** The password was right, and something more is asked for. */
export interface SecondFactorAsked {
  challenge: string;
  methods: ('totp' | 'passkey' | 'backup_code')[];
}

export type LoginAnswer = ({ requires2FA: false } & LoggedIn) | ({ requires2FA: true } & SecondFactorAsked);

export interface SignInOptions {
  oidc: { name: string } | null;
}

export interface OpenInvitation {
  organizationName: string;
  email: string;
  name: string | null;
  role: string | null;
  invitedBy: string | null;
  expiresAt: string;
}

/** What a passkey is asked; its answer goes back under the same id. */
export interface PasskeyQuestion {
  challengeId: string;
  options: PublicKeyCredentialRequestOptionsJSON;
}

export interface PasskeyAnswer {
  challengeId: string;
  response: unknown;
}

const post = async <T>(path: string, body: object = {}): Promise<T> => (await call<T>('POST', path, body)).data;

export const signInOptions = async () => (await call<SignInOptions>('GET', '/auth/options')).data;
export const logIn = (email: string, password: string) => post<LoginAnswer>('/auth/login', { email, password });
export const passkeyOptions = () => post<PasskeyQuestion>('/auth/passkey/options');
export const logInByPasskey = (answer: PasskeyAnswer) => post<LoginAnswer>('/auth/passkey/login', answer);
export const secondPasskeyOptions = (challenge: string) =>
  post<PasskeyQuestion>('/auth/2fa/passkey-options', { challenge });
export const verifySecondFactor = (challenge: string, proof: { token: string } | { passkey: PasskeyAnswer }) =>
  post<LoginAnswer>('/auth/2fa/verify', { challenge, ...proof });

export const startOidc = () => post<{ url: string }>('/auth/oidc/start', { returnTo: '/' });
export const exchangeOidc = (code: string) => post<LoginAnswer>('/auth/oidc/exchange', { code });

export const verifyEmail = (token: string) => post('/auth/verify-email', { token });
export const resendVerification = (email: string) => post('/auth/verify-email/resend', { email });
export const finishRegistration = (token: string, password: string) =>
  post<LoginAnswer>('/auth/register/confirm', { token, password });
export const forgotPassword = (email: string) => post('/auth/forgot-password', { email });
export const resetPassword = (token: string, password: string) => post('/auth/reset-password', { token, password });
export const confirmEmailChange = (token: string) => post('/auth/change-email/confirm', { token });

export const lookUpInvitation = (token: string) => post<OpenInvitation>('/invitations/lookup', { token });
export const acceptInvitation = (token: string, name: string, password: string) =>
  post<LoginAnswer>('/invitations/accept', { token, name, password });
