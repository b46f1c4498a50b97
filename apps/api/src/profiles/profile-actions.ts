import type { Description } from '../http/describe.js';
import { DeletedProfileOut, PairingCodeOut, ProfileStatusOut, QrOut } from './profiles.dto.js';

type ActionName = 'delete' | 'connect' | 'disconnect' | 'logout' | 'restart' | 'status' | 'qr' | 'pairingCode';

/** What the document says of the operations that exist under /profiles and under /accounts/:accountId/profiles. */
export const profileActions: Record<ActionName, Omit<Description, 'summary'>> = {
  delete: {
    description:
      'Deletes the profile with its conversations, messages and webhooks. Log it out or disconnect it first: a connected profile is refused with `PROFILE_CONNECTED`. After a mere disconnect the phone still lists the device until it is removed there.',
    returns: DeletedProfileOut,
    errors: ['notFound', 'profileConnected'],
  },
  connect: {
    description:
      'Wants the profile connected and answers at once with the state reached so far; follow it by status, socket or webhook. A profile that is not linked shows a QR code (`GET …/qr`, socket event `qr:update`). Repeating it changes nothing. After a logout it begins a new link; only the number that the profile had is taken.',
    returns: ProfileStatusOut,
    status: 200,
    errors: ['notFound'],
  },
  disconnect: {
    description: 'Closes the connection and keeps the link: connecting again needs no scan. Messages wait meanwhile.',
    returns: ProfileStatusOut,
    status: 200,
    errors: ['notFound'],
  },
  logout: {
    description:
      'Removes the link: the phone no longer lists this device. WhatsApp is told by the engine, at once when the profile is connected, otherwise as soon as it can connect.',
    returns: ProfileStatusOut,
    status: 200,
    errors: ['notFound'],
  },
  restart: {
    description: 'Closes the socket and opens another with the same link.',
    returns: ProfileStatusOut,
    status: 200,
    errors: ['notFound', 'profileNotConnected', 'engineUnavailable'],
  },
  status: {
    description:
      'The measured state with a stable `code`, a sentence and what a person can do about it. `health` is measured by the engine while the request runs.',
    returns: ProfileStatusOut,
    errors: ['notFound'],
  },
  qr: {
    description:
      'The code that is waiting to be scanned. It changes every 20 to 60 seconds: ask again when `expiresAt` has passed, or listen on the socket. When none is waiting the answer is still 200, with `qr` null and the state that says what to do.',
    returns: QrOut,
    errors: ['notFound'],
  },
  pairingCode: {
    description:
      'An eight-character code to type on the phone (Linked devices, Link with phone number instead) in place of scanning. Connects the profile if need be and waits until WhatsApp is ready, up to about 30 seconds.',
    returns: PairingCodeOut,
    status: 200,
    errors: ['notFound', 'profileAlreadyLinked', 'profileNotConnected', 'profileNotPairing', 'engineUnavailable'],
  },
};
