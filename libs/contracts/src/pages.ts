/** The pages of the dashboard that exist, by their paths below PUBLIC_URL: the api serves them, mails and sign-in lead to them. */
export const pages = {
  /** Who is logged in, and where. People without a session are sent to `login`. */
  home: '/',
  login: '/login',
  /** Where log-ins through the identity provider come back to; `#code=` or `#error=`. */
  oidcLanding: '/login/oidc',
  forgotPassword: '/forgot-password',
  /** From a mail; `#token=`. */
  resetPassword: '/reset-password',
  /** From a mail; `#token=` of an address, or `#registration=` of a registration to finish. */
  verifyEmail: '/verify-email',
  /** From a mail; `#token=`. */
  changeEmail: '/change-email',
  /** From a mail; `#token=`. */
  invitation: '/invitation',
} as const;

export type PagePath = (typeof pages)[keyof typeof pages];
