/** Every kind of e-mail that Waypost sends to a person, once, with what makes it go out. */
export const mailKinds = {
  invitation: 'Somebody was invited to join an organization.',
  verify_email: 'A person must show that an address is theirs.',
  reset_password: 'A person asked for a new password.',
  security_notice: 'Something about how a person logs in has changed.',
  export_ready: 'An export that a person asked for can be fetched.',
  erasure_notice: 'An erasure was asked for, called off or carried out.',
  webhook_disabled: 'A webhook was switched off because its endpoint failed for days or is gone.',
} as const;
export type MailKind = keyof typeof mailKinds;
