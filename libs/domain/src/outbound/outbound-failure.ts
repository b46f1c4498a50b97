/** Why a call to an address outside did not bring an answer. Stable: stored with webhook attempts and shown to users. */
export type OutboundReason =
  | 'address_blocked'
  | 'name_not_found'
  | 'connection_refused'
  | 'connection_reset'
  | 'connection_failed'
  | 'timeout'
  | 'tls_failed'
  | 'invalid_response';

const sentences: Record<OutboundReason, string> = {
  address_blocked: 'The name leads to a private, local or reserved address.',
  name_not_found: 'The host name does not resolve.',
  connection_refused: 'Nothing listens at this address and port.',
  connection_reset: 'The other side closed the connection before it answered.',
  connection_failed: 'No connection could be made.',
  timeout: 'No answer in time.',
  tls_failed: 'The TLS certificate or handshake was not accepted.',
  invalid_response: 'The answer is not valid HTTP.',
};

/** A call that got no HTTP answer. The message is a sentence for the person who owns the URL. */
export class OutboundFailure extends Error {
  constructor(
    readonly reason: OutboundReason,
    cause?: unknown,
  ) {
    super(sentences[reason], { cause });
    this.name = 'OutboundFailure';
  }
}

const reasonOfCode: Record<string, OutboundReason> = {
  ENOTFOUND: 'name_not_found',
  EAI_AGAIN: 'name_not_found',
  ENODATA: 'name_not_found',
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_reset',
  EPIPE: 'connection_reset',
  UND_ERR_SOCKET: 'connection_reset',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_OVERFLOW: 'invalid_response',
};

/** Turns what Node or undici threw into a failure with a reason. */
export function toOutboundFailure(error: unknown): OutboundFailure {
  if (error instanceof OutboundFailure) return error;
  const { name, code, cause, errors } = error as {
    name?: string;
    code?: unknown;
    cause?: unknown;
    errors?: unknown[];
  };
  if (name === 'TimeoutError' || name === 'AbortError') return new OutboundFailure('timeout', error);
  if (typeof code === 'string') {
    const reason = reasonOfCode[code];
    if (reason !== undefined) return new OutboundFailure(reason, error);
    if (code.startsWith('HPE_')) return new OutboundFailure('invalid_response', error);
    if (/^(ERR_TLS|ERR_SSL|CERT|DEPTH_|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code)) {
      return new OutboundFailure('tls_failed', error);
    }
  }
  // Happy eyeballs reports one error for each address it tried; the first tells most.
  if (Array.isArray(errors) && errors.length > 0) return toOutboundFailure(errors[0]);
  if (cause instanceof Error) return toOutboundFailure(cause);
  return new OutboundFailure('connection_failed', error);
}

/**
 * The answer of a call, or the signal's reason when that comes first. undici looks at a request's signal only once a
 * connection stands; a slow name server or handshake must not outlive the deadline either.
 */
export function beforeDeadline<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    call.then(resolve, reject);
  });
}
