/** Who may become a user of the installation. The first registration of an empty one is always possible. */
export type RegistrationMode =
  /** Anybody may register, with an organization of their own. */
  | 'open'
  /** Strangers may not; organizations may invite people. */
  | 'invitation'
  /** Nobody new, neither by registration nor by invitation. */
  | 'closed';

export interface RegistrationPolicy {
  mode: RegistrationMode;
  /** Whether people log in only after they followed a link that was mailed to their address. */
  needsVerifiedEmail: boolean;
}
