/**
 * Why the file of a received message is not here, with what to tell people. A file that is here has none of these, nor
 * has one that is sent.
 */
export const missingMedia = {
  waiting: 'The file is being fetched from WhatsApp.',
  on_demand: 'The file is fetched from WhatsApp when somebody asks for it.',
  expired: 'Neither WhatsApp nor the phone has this file any more. Ask the sender to send it again.',
  damaged:
    'What WhatsApp gave is not the file that was sent: it is cut short or altered. Ask the sender to send it again.',
  too_large: 'The file is larger than WhatsApp’s own limit, so it was not fetched.',
  unavailable: 'The file could not be fetched from WhatsApp in two days of trying.',
  no_file:
    'The message came without a way to its file: it can be opened on the phone only, or the profile takes in no media.',
} as const;
export type MissingMedia = keyof typeof missingMedia;
