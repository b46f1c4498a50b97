/** What a person can choose for themselves, once: the default, and what it decides. */
export const preferenceCatalogue = {
  notifyOnMessage: { default: true, describe: 'Tell me of received messages.' },
  notifyOnConnect: { default: true, describe: 'Tell me when a profile connects.' },
  notifyOnDisconnect: { default: true, describe: 'Tell me when a profile loses its connection.' },
  emailNotifications: { default: false, describe: 'Tell me by e-mail too.' },
  pushNotifications: { default: true, describe: 'Tell me by push messages too, in browsers that I allowed it.' },
} as const satisfies Record<string, { default: boolean; describe: string }>;

export type PreferenceName = keyof typeof preferenceCatalogue;
export type Preferences = Record<PreferenceName, boolean>;
export const preferenceNames = Object.keys(preferenceCatalogue) as PreferenceName[];
