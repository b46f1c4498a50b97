/**
 * Messages on the Socket.IO namespace `/ws`. Names and shapes follow the product whose v1 API we answer; `seq` is the
 * position in the profile's event log, from which a client resumes.
 */
export interface ServerToClient {
  /** A new QR code (PNG data URL and the text inside it). Sent on change and to late subscribers. */
  'qr:update': (payload: { profileId: string; qrCode: string; qrText: string; expiresAt: string; seq: number }) => void;
  /** The connection state changed, or the present one for a new subscriber. */
  'connection:status': (payload: {
    profileId: string;
    status: string;
    code: string;
    message: string;
    action: string;
    phoneNumber: string | null;
    seq: number;
  }) => void;
  /** A message was received, or sent from the phone or the API. */
  message: (payload: { type: string; message: unknown; conversation: unknown; profileId: string; seq: number }) => void;
  /** An outgoing message moved to another state. */
  'message:ack': (payload: {
    profileId: string;
    /** Our id of the message. */
    messageId: string;
    /** WhatsApp's id of the message. */
    waMessageId: string;
    status: string;
    reason: string | null;
    seq: number;
  }) => void;
  /** The rights to follow a profile are gone, so no more is told of it. The code is one of the error catalogue. */
  'subscription:ended': (payload: { profileId: string; code: string; message: string }) => void;
  /** The login or key of this socket has ended; the socket is closed right after. Codes are those of the API's errors. */
  'credential:ended': (payload: { code: string; message: string }) => void;
  /** Any event of the log as it is, for clients that asked for `raw: true`. */
  event: (payload: unknown) => void;
}

export interface SubscribeRequest {
  profileId: string;
  /** Resume: replay everything after this sequence first. Omit to start now (with the current QR and state). */
  after?: number;
  /** Also send every event unchanged as `event`. */
  raw?: boolean;
}

export type SubscribeAnswer =
  | { success: true; profileId: string; seq: number }
  | { success: false; error: { code: string; message: string } };

export interface ClientToServer {
  'subscribe:profile': (request: SubscribeRequest, answer?: (result: SubscribeAnswer) => void) => void;
  /** Older name of `subscribe:profile`. */
  join: (request: SubscribeRequest, answer?: (result: SubscribeAnswer) => void) => void;
  'unsubscribe:profile': (request: { profileId: string }, answer?: (result: SubscribeAnswer) => void) => void;
}
