/** The groups of operations, in the order in which the document shows them. A controller names one with `@ApiTags`. */
export const tags: Record<string, string> = {
  Auth: 'Register, log in, refresh, log out. Access tokens live for minutes and end with their session.',
  'API keys': 'Keys for programs: scopes, expiry, last use. A key is shown once.',
  Workspaces: 'Parts of an organization. A new organization has one, "Default".',
  Accounts: 'Groups of profiles within a workspace. A new organization has one, "Default Account".',
  Profiles: 'WhatsApp numbers: link them with a QR or pairing code, connect, disconnect, log out.',
  Messages: 'Send and read messages. Every accepted send ends in a state that says what became of it.',
  Conversations: 'Chats, their history, and marking them read.',
  Bulk: 'One request, many messages, with variables and a progress to watch.',
  Webhooks: 'Events of a profile, posted to your endpoint, signed, and repeated until it answers.',
  Events: 'The ordered log of everything that happened. Read it from where you left off.',
  Settings: 'What an organization sets for itself: its mail server, and where its media are kept.',
  Installation: 'What belongs to the whole installation. Only its administrators may see and change it.',
  Audit: 'Who did what, in a log that shows when it was tampered with.',
  Errors: 'The catalogue of what can go wrong.',
  Health: 'Probes for process managers and load balancers.',
};
