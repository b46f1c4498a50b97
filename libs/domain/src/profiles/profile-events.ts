import { type ConnectionCode, connectionCodes, type EventActor, type NewEvent } from '#contracts';

/** The event of a changed connection state. */
export function connectionEvent(
  profile: { id: string; organizationId: string; phoneNumber: string | null },
  code: ConnectionCode,
  actor: EventActor,
): NewEvent {
  const { state, sentence, action } = connectionCodes[code];
  return {
    organizationId: profile.organizationId,
    profileId: profile.id,
    name: 'connection.changed',
    actor,
    payload: { state, code, sentence, userAction: action, phoneNumber: profile.phoneNumber },
  };
}

/** Places that the seals of a profile are tied to. */
export function qrSeal(profileId: string): string {
  return `profile.qr:${profileId}`;
}
