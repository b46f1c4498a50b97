/**
 * Every error that a user can see, once. To add one: add a line here with its code, HTTP status and a sentence that
 * says what to do, then `throw errors.<name>(…)`. The reference page `docs/reference/errors.md` is generated.
 */
export interface FieldError {
  /** Dotted path of the field, for example `messages.0.chatId`. */
  path: string;
  message: string;
}

interface ErrorEntry {
  code: string;
  status: number;
  title: string;
}

export interface ErrorDetails {
  /** Replaces the title where the case allows a more exact sentence. */
  message?: string;
  /** The fields at fault, for validation errors. */
  fields?: FieldError[];
  /** Machine-readable facts, such as the id that was not found. Never secrets. */
  details?: Record<string, unknown>;
  /** Seconds after which a repeat may succeed; becomes the Retry-After header. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** An error from the catalogue. Edges render it in the shape of the API that was called. */
export class CatalogueError extends Error {
  readonly code: string;
  readonly status: number;
  readonly fields?: FieldError[];
  readonly details?: Record<string, unknown>;
  readonly retryAfterSeconds?: number;

  constructor(entry: ErrorEntry, given: ErrorDetails = {}) {
    super(given.message ?? entry.title, given.cause === undefined ? undefined : { cause: given.cause });
    this.name = 'CatalogueError';
    this.code = entry.code;
    this.status = entry.status;
    this.fields = given.fields;
    this.details = given.details;
    this.retryAfterSeconds = given.retryAfterSeconds;
  }
}

export const errorCatalogue = {
  validation: { code: 'VALIDATION_ERROR', status: 400, title: 'The request is not valid. Correct the listed fields.' },
  malformedJson: { code: 'MALFORMED_JSON', status: 400, title: 'The body is not valid JSON.' },
  invalidCursor: {
    code: 'INVALID_CURSOR',
    status: 400,
    title: 'The cursor is not one of ours. Start again without it.',
  },
  bodyTooLarge: { code: 'BODY_TOO_LARGE', status: 413, title: 'The request body is larger than the limit.' },
  unsupportedMediaType: {
    code: 'UNSUPPORTED_MEDIA_TYPE',
    status: 415,
    title: 'Send the body as application/json.',
  },
  unauthenticated: {
    code: 'UNAUTHENTICATED',
    status: 401,
    title: 'Send a valid access token (Authorization: Bearer) or API key (x-api-key).',
  },
  invalidCredentials: { code: 'INVALID_CREDENTIALS', status: 401, title: 'The e-mail address or password is wrong.' },
  tokenExpired: { code: 'TOKEN_EXPIRED', status: 401, title: 'The access token has expired. Refresh it.' },
  sessionRevoked: { code: 'SESSION_REVOKED', status: 401, title: 'This session was ended. Log in again.' },
  refreshTokenInvalid: {
    code: 'REFRESH_TOKEN_INVALID',
    status: 401,
    title: 'The refresh token is unknown or expired. Log in again.',
  },
  refreshTokenReused: {
    code: 'REFRESH_TOKEN_REUSED',
    status: 401,
    title: 'The refresh token was already used, so the session was ended for safety. Log in again.',
  },
  tooManyAttempts: {
    code: 'TOO_MANY_ATTEMPTS',
    status: 429,
    title: 'Too many wrong attempts. Wait for the given time and try again.',
  },
  emailNotVerified: {
    code: 'EMAIL_NOT_VERIFIED',
    status: 403,
    title: 'The e-mail address is not verified yet. Follow the link in the mail, or ask for a new one.',
  },
  linkInvalid: {
    code: 'LINK_INVALID',
    status: 400,
    title: 'This link is unknown, has expired or was used already. Ask for a new one.',
  },
  loginChallengeInvalid: {
    code: 'LOGIN_CHALLENGE_INVALID',
    status: 401,
    title: 'This log-in took too long, was finished, or had too many wrong codes. Begin again with the password.',
  },
  twoFactorCodeInvalid: {
    code: 'TWO_FACTOR_CODE_INVALID',
    status: 401,
    title: 'The code is wrong or was used already. Wait for the next one, or use a backup code.',
  },
  reauthenticationFailed: {
    code: 'REAUTHENTICATION_FAILED',
    status: 403,
    title: 'Confirm that it is you: send your password, a code of your authenticator app, a backup code or a passkey.',
  },
  twoFactorAlreadyOn: {
    code: 'TWO_FACTOR_ALREADY_ON',
    status: 409,
    title: 'An authenticator app is set up already. Switch it off first.',
  },
  twoFactorNotOn: {
    code: 'TWO_FACTOR_NOT_ON',
    status: 409,
    title: 'Two-factor login is not on. Set up an authenticator app or a passkey first.',
  },
  twoFactorSetupMissing: {
    code: 'TWO_FACTOR_SETUP_MISSING',
    status: 409,
    title: 'No authenticator app is waiting to be confirmed. Begin the setup again.',
  },
  passkeyInvalid: {
    code: 'PASSKEY_INVALID',
    status: 401,
    title: 'The passkey was not accepted, or its challenge has expired. Ask for new options and try again.',
  },
  passkeyRegistered: { code: 'PASSKEY_REGISTERED', status: 409, title: 'This passkey is registered already.' },
  passkeysUnavailable: {
    code: 'PASSKEYS_UNAVAILABLE',
    status: 409,
    title: 'Passkeys need an address with a host name. The operator sets it as PUBLIC_URL.',
  },
  oidcNotConfigured: {
    code: 'OIDC_NOT_CONFIGURED',
    status: 404,
    title: 'This installation has no identity provider. Log in with e-mail address and password.',
  },
  oidcUnavailable: {
    code: 'OIDC_UNAVAILABLE',
    status: 503,
    title: 'The identity provider does not answer as it should. Try again later, or log in with a password.',
  },
  oidcLoginFailed: {
    code: 'OIDC_LOGIN_FAILED',
    status: 401,
    title: 'The log-in at the identity provider did not succeed or took too long. Begin again.',
  },
  oidcNoAccount: {
    code: 'OIDC_NO_ACCOUNT',
    status: 403,
    title: 'Nobody here has an account for this person of the identity provider. Ask for an invitation.',
  },
  loginMethodNeeded: {
    code: 'LOGIN_METHOD_NEEDED',
    status: 409,
    title: 'This is the only way you can log in. Set a password or add a passkey first.',
  },
  forbidden: { code: 'FORBIDDEN', status: 403, title: 'You lack the permission that this operation needs.' },
  notFound: { code: 'NOT_FOUND', status: 404, title: 'There is no such resource.' },
  routeNotFound: { code: 'ROUTE_NOT_FOUND', status: 404, title: 'There is no such route. See /api/docs.' },
  methodNotAllowed: { code: 'METHOD_NOT_ALLOWED', status: 405, title: 'This route does not take this method.' },
  emailTaken: {
    code: 'EMAIL_TAKEN',
    status: 409,
    title: 'An account with this e-mail address exists. Log in instead.',
  },
  slugTaken: { code: 'SLUG_TAKEN', status: 409, title: 'This name is in use. Choose another.' },
  registrationClosed: {
    code: 'REGISTRATION_CLOSED',
    status: 403,
    title: 'Registration is not open on this installation. Ask for an invitation, or ask its operator.',
  },
  notEmpty: { code: 'NOT_EMPTY', status: 409, title: 'It still contains other things. Delete or move them first.' },
  lastPlatformAdmin: {
    code: 'LAST_PLATFORM_ADMIN',
    status: 409,
    title: 'The installation needs an administrator. Make somebody else one first.',
  },
  lastOwner: {
    code: 'LAST_OWNER',
    status: 409,
    title: 'An organization needs an owner. Make another member owner first.',
  },
  systemRole: {
    code: 'SYSTEM_ROLE',
    status: 409,
    title: 'This role belongs to the system and cannot be changed. Create a role of your own.',
  },
  roleNameTaken: { code: 'ROLE_NAME_TAKEN', status: 409, title: 'A role of this name exists. Choose another name.' },
  roleInUse: {
    code: 'ROLE_IN_USE',
    status: 409,
    title: 'Members or open invitations have this role. Give them another one first.',
  },
  memberExists: { code: 'MEMBER_EXISTS', status: 409, title: 'This person is a member already.' },
  invitationOpen: {
    code: 'INVITATION_OPEN',
    status: 409,
    title: 'There is an open invitation for this address. Send it again, or revoke it first.',
  },
  invitationClosed: {
    code: 'INVITATION_CLOSED',
    status: 409,
    title: 'The invitation was accepted or revoked. Make a new one.',
  },
  invitationInvalid: {
    code: 'INVITATION_INVALID',
    status: 404,
    title: 'The invitation is unknown, expired, accepted or revoked. Ask for a new one.',
  },
  apiKeyAddressRefused: {
    code: 'API_KEY_ADDRESS_REFUSED',
    status: 403,
    title: 'This API key does not work from this address.',
  },
  idempotencyConflict: {
    code: 'IDEMPOTENCY_CONFLICT',
    status: 409,
    title: 'This Idempotency-Key was used with a different request. Use a new key.',
  },
  idempotencyInProgress: {
    code: 'IDEMPOTENCY_IN_PROGRESS',
    status: 409,
    title: 'The first request with this Idempotency-Key is still running. Repeat a little later.',
  },
  labelNameTaken: {
    code: 'LABEL_NAME_TAKEN',
    status: 409,
    title: 'The profile already has a label of this name.',
  },
  segmentNameTaken: { code: 'SEGMENT_NAME_TAKEN', status: 409, title: 'The profile has a segment of this name.' },
  contactFieldTaken: { code: 'CONTACT_FIELD_TAKEN', status: 409, title: 'A custom field of this key is defined.' },
  tooManyContactFields: {
    code: 'TOO_MANY_CONTACT_FIELDS',
    status: 409,
    title: 'There are as many custom fields as there can be. Delete one that is not needed.',
  },
  templateNameTaken: {
    code: 'TEMPLATE_NAME_TAKEN',
    status: 409,
    title: 'The profile already has a template of this name.',
  },
  templateVariablesMissing: {
    code: 'TEMPLATE_VARIABLES_MISSING',
    status: 422,
    title: 'The template needs values that were not given. `missing` names them.',
  },
  sessionUnreadable: {
    code: 'SESSION_UNREADABLE',
    status: 422,
    title: 'This file is not a session that can be imported. The message says why.',
  },
  profileNotLinked: {
    code: 'PROFILE_NOT_LINKED',
    status: 409,
    title: 'This profile is not linked to a WhatsApp number. Connect it and scan the QR code first.',
  },
  profileAlreadyLinked: {
    code: 'PROFILE_ALREADY_LINKED',
    status: 409,
    title: 'This profile is already linked to a number. Log it out first.',
  },
  profileNotPairing: {
    code: 'PROFILE_NOT_PAIRING',
    status: 409,
    title: 'No QR code is waiting. Call connect on the profile first.',
  },
  profileConnected: {
    code: 'PROFILE_CONNECTED',
    status: 409,
    title: 'The profile is connected. Log it out (the phone forgets the device) or disconnect it first.',
  },
  profileNotConnected: {
    code: 'PROFILE_NOT_CONNECTED',
    status: 409,
    title: 'This needs a live connection, and the profile has none now. Try again when it is connected.',
  },
  mailGone: {
    code: 'MAIL_GONE',
    status: 409,
    title: 'The mail was sent already, or its link has expired. Have the person ask for a new one.',
  },
  storageRefused: {
    code: 'STORAGE_REFUSED',
    status: 422,
    title: 'Media cannot be written to this bucket. Test the settings and correct them.',
  },
  notSupported: {
    code: 'NOT_SUPPORTED',
    status: 422,
    title: 'WhatsApp does not offer this to linked devices. The message says why.',
  },
  searchTooSlow: {
    code: 'SEARCH_TOO_SLOW',
    status: 422,
    title: 'The search took too long. Use rarer words, or narrow it by a conversation, a profile or dates.',
  },
  notOnWhatsapp: { code: 'NOT_FOUND_ON_WHATSAPP', status: 404, title: 'WhatsApp does not know it, or no longer.' },
  refusedByWhatsapp: {
    code: 'REFUSED_BY_WHATSAPP',
    status: 409,
    title: 'WhatsApp refused the request. The message says why.',
  },
  whatsappRateLimited: {
    code: 'WHATSAPP_RATE_LIMITED',
    status: 429,
    title: 'WhatsApp asks for fewer requests of this number. Wait some minutes.',
  },
  engineUnavailable: {
    code: 'ENGINE_UNAVAILABLE',
    status: 503,
    title: 'No engine holds this profile at the moment. Try again in a few seconds.',
  },
  recipientInvalid: {
    code: 'RECIPIENT_INVALID',
    status: 400,
    title: 'The recipient is neither a phone number with country code nor a WhatsApp address.',
  },
  quotedMessageNotFound: {
    code: 'QUOTED_MESSAGE_NOT_FOUND',
    status: 404,
    title: 'The message to quote is not in this chat.',
  },
  actionNotPossible: {
    code: 'ACTION_NOT_POSSIBLE',
    status: 409,
    title: 'This cannot be done to the message. `reason` says why.',
  },
  mediaSourceMissing: {
    code: 'MEDIA_SOURCE_MISSING',
    status: 400,
    title: 'Give the media as one of url, base64 and uploadId.',
  },
  mediaTooLarge: {
    code: 'MEDIA_TOO_LARGE',
    status: 413,
    title: 'The media is larger than WhatsApp takes for its kind.',
  },
  mediaTypeInvalid: {
    code: 'MEDIA_TYPE_INVALID',
    status: 415,
    title: 'The content of the file is not of a type that WhatsApp shows as this kind of message.',
  },
  mediaUnreadable: {
    code: 'MEDIA_UNREADABLE',
    status: 422,
    title: 'The media file cannot be read: it is damaged, or not what its type says.',
  },
  mediaConversionUnavailable: {
    code: 'MEDIA_CONVERSION_UNAVAILABLE',
    status: 501,
    title: 'This installation cannot convert such media, because it has no ffmpeg.',
  },
  mediaFetchFailed: {
    code: 'MEDIA_FETCH_FAILED',
    status: 422,
    title: 'The media URL did not answer with the file.',
  },
  mediaPending: {
    code: 'MEDIA_PENDING',
    status: 503,
    title: 'The file is still being fetched from WhatsApp. Ask again in some seconds.',
  },
  mediaNotAvailable: {
    code: 'MEDIA_NOT_AVAILABLE',
    status: 404,
    title: 'This message has no stored media (none, not downloaded yet, or expired at WhatsApp).',
  },
  mediaInfected: {
    code: 'MEDIA_INFECTED',
    status: 422,
    title: 'The virus scanner found something in this file, so it is neither sent nor given out.',
  },
  mediaNotScanned: {
    code: 'MEDIA_NOT_SCANNED',
    status: 503,
    title: 'The virus scanner has not looked at this file yet, or does not answer. Ask again in some seconds.',
  },
  uploadNotComplete: {
    code: 'UPLOAD_NOT_COMPLETE',
    status: 409,
    title: 'The file of this upload is not here as a whole. Upload the rest first.',
  },
  uploadOffsetConflict: {
    code: 'UPLOAD_OFFSET_CONFLICT',
    status: 409,
    title: 'The upload goes on elsewhere: ask with HEAD for its offset, and send from there.',
  },
  uploadChecksumMismatch: {
    code: 'UPLOAD_CHECKSUM_MISMATCH',
    status: 460,
    title: 'What arrived does not have the checksum of Upload-Checksum; it was thrown away. Send it again.',
  },
  tusVersionUnsupported: {
    code: 'TUS_VERSION_UNSUPPORTED',
    status: 412,
    title: 'Send Tus-Resumable: 1.0.0. It is the version of the protocol that is spoken here.',
  },
  multipartInvalid: {
    code: 'MULTIPART_INVALID',
    status: 400,
    title: 'Send multipart/form-data with the file in the field `file`.',
  },
  quotaExceeded: {
    code: 'QUOTA_EXCEEDED',
    status: 422,
    title: 'The organization has no room left for this file. Delete uploads, or ask the administrators for more.',
  },
  urlNotAllowed: {
    code: 'URL_NOT_ALLOWED',
    status: 422,
    title: 'This URL leads to a private, local or reserved address, or is not http(s). Use a public address.',
  },
  webhookTestFailed: {
    code: 'WEBHOOK_TEST_FAILED',
    status: 422,
    title: 'The webhook did not accept the test event.',
  },
  hookAddressRefused: {
    code: 'HOOK_ADDRESS_REFUSED',
    status: 403,
    title: 'This hook takes no requests from this address.',
  },
  hookNotVerified: {
    code: 'HOOK_NOT_VERIFIED',
    status: 401,
    title: 'The request is not signed as this hook expects, or its signature is too old.',
  },
  hookMappingFailed: {
    code: 'HOOK_MAPPING_FAILED',
    status: 422,
    title: 'The request lacks what an action needs, or it has another form than the mapping expects.',
  },
  hookRequestForgotten: {
    code: 'HOOK_REQUEST_FORGOTTEN',
    status: 409,
    title: 'What this request said was never kept, so it cannot be worked on again.',
  },
  tooManyHooks: {
    code: 'TOO_MANY_HOOKS',
    status: 409,
    title: 'The profile has as many hooks as it may. Delete one first.',
  },
  webhookDisabled: {
    code: 'WEBHOOK_DISABLED',
    status: 409,
    title: 'The webhook is switched off. Switch it on first, with deliverMissed if it is to be told of what it missed.',
  },
  eventGone: {
    code: 'EVENT_GONE',
    status: 409,
    title: 'The event is not in the log any more (see the retention policy), so it cannot be delivered again.',
  },
  tooManyRedeliveries: {
    code: 'TOO_MANY_REDELIVERIES',
    status: 409,
    title: 'Several redeliveries of this webhook are under way. Wait until one is done, or cancel it.',
  },
  redeliveryFinished: {
    code: 'REDELIVERY_FINISHED',
    status: 409,
    title: 'The redelivery has ended; nothing is left to cancel.',
  },
  repeatSuppressed: {
    code: 'REPEAT_SUPPRESSED',
    status: 429,
    title: 'The same text went to this chat a moment ago. Send it later, or say something else.',
  },
  dailyLimitReached: {
    code: 'DAILY_LIMIT_REACHED',
    status: 429,
    title: 'The number has sent as much as it may today. See the details for when it may again.',
  },
  coldDailyLimitReached: {
    code: 'COLD_DAILY_LIMIT_REACHED',
    status: 429,
    title: 'The number has sent as much as it may today to people who have not written lately.',
  },
  coldCircuitOpen: {
    code: 'COLD_CIRCUIT_OPEN',
    status: 429,
    title: 'Too many messages to people who had not written lately failed; sending to them rests for a while.',
  },
  sendingHeld: {
    code: 'SENDING_HELD',
    status: 429,
    title: 'The rules of this profile hold the message back at this moment. See the details.',
  },
  broadcastState: {
    code: 'BROADCAST_STATE',
    status: 409,
    title: 'This cannot be done to a broadcast in its present state. `state` says which that is.',
  },
  broadcastEmpty: {
    code: 'BROADCAST_EMPTY',
    status: 422,
    title: 'Nobody is left to send this broadcast to. Change its recipients.',
  },
  phoneSettingsDamaged: {
    code: 'PHONE_SETTINGS_DAMAGED',
    status: 409,
    title:
      'The settings that WhatsApp keeps for the devices of this account are damaged there, so they can be read and not changed. Change this on the phone.',
  },
  phoneSettingsNotShared: {
    code: 'PHONE_SETTINGS_NOT_SHARED',
    status: 503,
    title: 'The phone has not shared the keys of its settings yet, which it does soon after linking. Try again.',
  },
  scheduleEnded: {
    code: 'SCHEDULE_ENDED',
    status: 409,
    title: 'Nothing is to come of this scheduled message any more, so there is nothing to change. See its status.',
  },
  tooManySchedules: {
    code: 'TOO_MANY_SCHEDULES',
    status: 409,
    title: 'The profile has as many scheduled messages as it may. Cancel some first.',
  },
  batchFinished: { code: 'BATCH_FINISHED', status: 409, title: 'The batch has ended; nothing is left to cancel.' },
  batchReferenceTaken: {
    code: 'BATCH_REFERENCE_TAKEN',
    status: 409,
    title: 'This profile has a batch of this batchId already. Choose another, or leave it out.',
  },
  exportNotReady: {
    code: 'EXPORT_NOT_READY',
    status: 409,
    title: 'The copy is still being made, or it failed or has expired. See its state.',
  },
  tooManyExports: {
    code: 'TOO_MANY_EXPORTS',
    status: 409,
    title: 'Some of your copies are still being made. Wait until they are ready.',
  },
  importUnreadable: {
    code: 'IMPORT_UNREADABLE',
    status: 422,
    title: 'The file cannot be read as contacts. The message says why.',
  },
  importTooLarge: {
    code: 'IMPORT_TOO_LARGE',
    status: 413,
    title: 'These are more rows than are answered at once. Send the file to POST /contacts/imports.',
  },
  importEnded: { code: 'IMPORT_ENDED', status: 409, title: 'The import has ended; nothing is left to cancel.' },
  tooManyImports: {
    code: 'TOO_MANY_IMPORTS',
    status: 409,
    title: 'Some imports of this profile wait already. Wait until they are done, or cancel one.',
  },
  exportTooLarge: {
    code: 'EXPORT_TOO_LARGE',
    status: 413,
    title: 'These are more contacts than fit into a JSON answer. Ask for the file with download=true.',
  },
  erasureOpen: {
    code: 'ERASURE_OPEN',
    status: 409,
    title: 'An erasure was asked for already. Cancel it first, or wait until it is done.',
  },
  erasureClosed: {
    code: 'ERASURE_CLOSED',
    status: 409,
    title: 'The erasure has begun, has ended or was cancelled; it cannot be cancelled any more.',
  },
  rangeNotSatisfiable: {
    code: 'RANGE_NOT_SATISFIABLE',
    status: 416,
    title: 'The requested range lies behind the end of the file.',
  },
  rateLimited: { code: 'RATE_LIMITED', status: 429, title: 'Too many requests. Wait and repeat.' },
  overloaded: { code: 'OVERLOADED', status: 503, title: 'The server is busy. Repeat after the given time.' },
  notReady: { code: 'NOT_READY', status: 503, title: 'The server is not ready.' },
  internal: {
    code: 'INTERNAL_ERROR',
    status: 500,
    title: 'Something failed on our side. Give the request id to the operator.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorName = keyof typeof errorCatalogue;
export type ErrorCode = (typeof errorCatalogue)[ErrorName]['code'];

/** One factory for each catalogue entry: `throw errors.notFound({ details: { id } })`. */
export const errors = Object.fromEntries(
  Object.entries(errorCatalogue).map(([name, entry]) => [
    name,
    (given?: ErrorDetails) => new CatalogueError(entry, given),
  ]),
) as Record<ErrorName, (given?: ErrorDetails) => CatalogueError>;
