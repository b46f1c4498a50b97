import { authorized } from './authorized.ts';
import { forgetTokens } from './tokens.ts';

export interface Me {
  name: string;
  email: string;
  role: string;
  organizationName: string;
  emailVerified: boolean;
  twoFactorEnabled: boolean;
}

export interface Session {
  id: string;
  current: boolean;
  device: string;
  deviceDetails: { type: string | null };
  ipAddress: string | null;
  place: { country: string } | null;
  lastActiveAt: string;
}

export interface SessionPage {
  sessions: Session[];
  /** Of the next page; null on the last. */
  nextCursor: string | null;
}

export const fetchMe = async () => (await authorized<Me>('GET', '/auth/me')).data;

export async function fetchSessions(cursor?: string): Promise<SessionPage> {
  const query = new URLSearchParams({ limit: '20', ...(cursor && { cursor }) });
  const { data, meta } = await authorized<Session[]>('GET', `/auth/sessions?${query}`);
  return { sessions: data, nextCursor: meta.nextCursor ?? null };
}

export const endSession = (id: string) => authorized('DELETE', `/auth/sessions/${id}`);
export const endOtherSessions = () => authorized('DELETE', '/auth/sessions');

/** Ends the session, here and at the identity provider when it came from there. */
export async function signOut(): Promise<void> {
  const { data } = await authorized<{ logoutUrl: string | null }>('POST', '/auth/logout');
  forgetTokens();
  if (data.logoutUrl !== null) location.assign(data.logoutUrl);
}
