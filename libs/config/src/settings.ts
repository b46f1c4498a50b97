import {
  addresses,
  choice,
  flag,
  hostAndPort,
  integer,
  list,
  optionalText,
  optionalUrl,
  origins,
  postgresUrl,
  requiredSecret,
  type Setting,
  smtpUrl,
  text,
} from './setting.js';

/**
 * Every setting, once. To add one: a line here, and read it through `Config`. `.env.example` and
 * `docs/reference/settings.md` are generated from this file (`npm run generate`).
 */
export const settings = {
  http: {
    port: integer('PORT', { default: 3000, min: 0, max: 65535, describe: 'Port of the HTTP API, 0 for any free one.' }),
    host: text('HOST', { default: '127.0.0.1', describe: 'Address the API listens on. 0.0.0.0 for all networks.' }),
    publicUrl: optionalText('PUBLIC_URL', {
      describe:
        'The address users reach: for links in answers and mails, and the host name of passkeys. Default: http://localhost:<PORT>.',
    }),
    corsOrigins: origins('CORS_ORIGINS', {
      describe:
        'Origins of browsers that may call the API, such as https://app.example.com, comma-separated; * for all; empty: same origin only.',
    }),
    trustedProxies: addresses('TRUSTED_PROXIES', {
      describe: 'Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed, comma-separated.',
    }),
    bodyLimitBytes: integer('BODY_LIMIT_BYTES', {
      default: 30_000_000,
      min: 1024,
      max: 200_000_000,
      describe: 'Largest request body. Media as base64 needs 4/3 of its size.',
    }),
    rateLimitPerMinute: integer('RATE_LIMIT_PER_MINUTE', {
      default: 6000,
      min: 1,
      max: 10_000_000,
      describe: 'Requests per minute for one user, or one API key without a limit of its own, over all API processes.',
    }),
    metricsToken: optionalText('METRICS_TOKEN', {
      secret: true,
      describe:
        'Bearer token that GET /metrics of api and worker asks for. Unset: only callers on the same machine, not through a proxy, get metrics.',
    }),
    loginLimitPerMinute: integer('LOGIN_LIMIT_PER_MINUTE', {
      default: 10,
      min: 1,
      max: 100_000,
      describe: 'Log-in, register and refresh tries per minute from one address, over all API processes.',
    }),
    requestTimeoutSeconds: integer('REQUEST_TIMEOUT_SECONDS', {
      default: 120,
      min: 5,
      max: 3600,
      describe: 'How long a client may take to send one request, and how long a connection may be silent meanwhile.',
    }),
    overloadDelayMs: integer('OVERLOAD_DELAY_MS', {
      default: 400,
      min: 50,
      max: 60_000,
      describe:
        'An API process answers 503 while its event loop is late by this much, milliseconds, until it is late by less than half.',
    }),
    overloadPoolWaitMs: integer('OVERLOAD_POOL_WAIT_MS', {
      default: 2000,
      min: 100,
      max: 60_000,
      describe: 'The same for how long requests wait for a database connection, milliseconds.',
    }),
    maxInFlight: integer('MAX_REQUESTS_IN_FLIGHT', {
      default: 2000,
      min: 10,
      max: 100_000,
      describe: 'Most requests under way in an API process; more are answered 503.',
    }),
  },
  auth: {
    jwtSecret: requiredSecret('JWT_SECRET', { minLength: 32, describe: 'Signs access tokens. 32 characters or more.' }),
    accessTokenSeconds: integer('ACCESS_TOKEN_SECONDS', {
      default: 900,
      min: 10,
      max: 86_400,
      describe: 'Life of an access token, seconds.',
    }),
    refreshTokenDays: integer('REFRESH_TOKEN_DAYS', {
      default: 30,
      min: 1,
      max: 365,
      describe: 'Life of a login without use, days.',
    }),
    registration: choice('REGISTRATION', {
      of: ['open', 'invitation', 'closed'],
      default: 'open',
      describe:
        'Who may become a user: open lets strangers register organizations of their own, invitation only people whom an organization invites, closed nobody new. The first registration is always possible; it makes the administrator.',
    }),
    emailVerification: choice('EMAIL_VERIFICATION', {
      of: ['off', 'required'],
      default: 'off',
      describe:
        'Whether people log in only after they followed a link that was mailed to their address. Set a mail server first. It also keeps registration from telling which addresses have an account.',
    }),
  },
  oidc: {
    issuer: optionalUrl('OIDC_ISSUER', {
      describe:
        'Address of an OpenID Connect provider, under which its /.well-known/openid-configuration is found. Unset: people log in here only. The redirect address to register there is <PUBLIC_URL>/api/v1/auth/oidc/callback.',
    }),
    clientId: text('OIDC_CLIENT_ID', { default: 'waypost', describe: 'Our name at the provider.' }),
    clientSecret: optionalText('OIDC_CLIENT_SECRET', {
      secret: true,
      describe: 'Our secret at the provider. Unset for a public client.',
    }),
    name: text('OIDC_NAME', {
      default: 'Single sign-on',
      describe: 'What the button of the log-in page says of the provider.',
    }),
    scopes: text('OIDC_SCOPES', { default: 'openid email profile', describe: 'What is asked of the provider.' }),
    linkByEmail: flag('OIDC_LINK_BY_EMAIL', {
      default: true,
      describe:
        'Whether a person of the provider gets the account with the same address, when the provider says that the address is verified and it was verified here too. Off: people link their accounts in their settings.',
    }),
    createUsers: flag('OIDC_CREATE_USERS', {
      default: false,
      describe:
        'Whether who has no account gets one, in the organization OIDC_ORGANIZATION. Only with an address that the provider says is verified.',
    }),
    organization: optionalText('OIDC_ORGANIZATION', {
      describe: 'Slug of the organization of accounts that OIDC_CREATE_USERS makes.',
    }),
    role: choice('OIDC_ROLE', {
      of: ['viewer', 'operator', 'manager', 'admin'],
      default: 'viewer',
      describe: 'Role of accounts that OIDC_CREATE_USERS makes.',
    }),
  },
  secrets: {
    encryptionKey: requiredSecret('ENCRYPTION_KEY', {
      minLength: 32,
      describe:
        'Wraps everything that must be read back (WhatsApp credentials, webhook secrets). Lose it and every number must be linked again. 32 characters or more.',
    }),
    previousEncryptionKeys: list('PREVIOUS_ENCRYPTION_KEYS', {
      secret: true,
      describe: 'Former values of ENCRYPTION_KEY, comma-separated, so that older rows can still be read.',
    }),
    internalSecret: requiredSecret('INTERNAL_SECRET', {
      minLength: 32,
      describe: 'Shared by api and engine processes for their internal calls. 32 characters or more.',
    }),
  },
  database: {
    url: postgresUrl('DATABASE_URL', {
      secret: true,
      describe: 'PostgreSQL 15 or newer. Without it `npm start` runs its own server.',
    }),
    poolSize: integer('DATABASE_POOL_SIZE', {
      default: 10,
      min: 2,
      max: 200,
      describe: 'Connections for each process and kind of access.',
    }),
  },
  queues: {
    redisUrl: optionalText('REDIS_URL', {
      secret: true,
      describe: 'Redis for the job queues. Without it they live in PostgreSQL.',
    }),
  },
  mail: {
    smtpUrl: smtpUrl('SMTP_URL', {
      describe:
        'Mail server for invitations, password resets and the like: smtp://user:password@host:587 (STARTTLS), or smtps://…:465. A password is never sent without TLS unless ?insecure=true is added. Unset: set in the API, or links are written to the log.',
    }),
    from: optionalText('MAIL_FROM', {
      describe: 'Sender of mails that go through SMTP_URL, such as Waypost <waypost@example.com>.',
    }),
  },
  storage: {
    dataDir: text('DATA_DIR', { default: './data', describe: 'Folder for media and, standalone, for the database.' }),
  },
  media: {
    ffmpegPath: optionalText('FFMPEG_PATH', {
      describe:
        'The ffmpeg program, for voice messages, GIFs, round videos, films that phones do not play, and previews of films. Unset: that on the PATH, else that of the optional package. Without any, sending what needs it is refused.',
    }),
    workers: integer('MEDIA_WORKERS', {
      default: 2,
      min: 1,
      max: 64,
      describe: 'Files that an API process prepares at once; 16 times as many wait, more are answered 503.',
    }),
    downloads: integer('MEDIA_DOWNLOADS', {
      default: 8,
      min: 1,
      max: 200,
      describe:
        'Files of received messages that an engine process fetches at once, for all its profiles; they take turns.',
    }),
    downloadMb: integer('MEDIA_DOWNLOAD_MB', {
      default: 512,
      min: 1,
      max: 100_000,
      describe: 'How large those may be together, megabytes. A larger file is fetched alone.',
    }),
    uploads: integer('MEDIA_UPLOADS', {
      default: 16,
      min: 1,
      max: 200,
      describe: 'Files to send that an engine process uploads at once, for all its profiles; they take turns.',
    }),
    uploadMb: integer('MEDIA_UPLOAD_MB', {
      default: 512,
      min: 1,
      max: 100_000,
      describe: 'How large those may be together, megabytes. A larger file is uploaded alone.',
    }),
  },
  uploads: {
    storedMb: integer('QUOTA_STORED_MB', {
      default: 0,
      min: 0,
      max: 1_000_000_000,
      describe:
        'How much media an organization may keep, megabytes, received files included (which are never refused); 0: no limit. Administrators set another for single organizations.',
    }),
    perDay: integer('QUOTA_UPLOADS_PER_DAY', {
      default: 0,
      min: 0,
      max: 1_000_000_000,
      describe: 'Uploads that an organization may begin in a day (UTC); 0: no limit.',
    }),
    fileMb: integer('QUOTA_FILE_MB', {
      default: 0,
      min: 0,
      max: 1_000_000,
      describe: 'Largest upload, megabytes; 0: what WhatsApp takes.',
    }),
    expiryHours: integer('UPLOAD_EXPIRY_HOURS', {
      default: 24,
      min: 1,
      max: 720,
      describe: 'A resumable upload to which nothing was added for so long is removed, hours.',
    }),
  },
  scan: {
    clamav: hostAndPort('CLAMAV', {
      port: 3310,
      describe:
        'ClamAV daemon that looks at files before they are sent or given out: host, or host:port. Its StreamMaxLength must be at least 110M. Unset: no scan by it.',
    }),
    url: optionalUrl('SCAN_URL', {
      describe:
        'Scanner of your own: files are sent to this address by POST, and the answer says {"infected": true, "found": "name"} or {"infected": false}.',
    }),
    onFailure: choice('SCAN_ON_FAILURE', {
      of: ['block', 'allow'],
      default: 'block',
      describe: 'What holds for a file of which no scanner can say anything: it waits until one can, or it passes.',
    }),
    received: flag('SCAN_RECEIVED', {
      default: false,
      describe: 'Scan the files of received messages too; until that is done they are not given out.',
    }),
    timeoutSeconds: integer('SCAN_TIMEOUT_SECONDS', {
      default: 30,
      min: 1,
      max: 600,
      describe: 'How long a scanner may be silent.',
    }),
  },
  engine: {
    port: integer('ENGINE_PORT', {
      default: 0,
      min: 0,
      max: 65535,
      describe: 'Port of the engine, 0 for any free one.',
    }),
    host: text('ENGINE_HOST', {
      default: '127.0.0.1',
      describe: 'Address the internal endpoint of the engine listens on.',
    }),
    address: optionalText('ENGINE_ADDRESS', {
      describe: 'Base URL under which the api reaches this engine. Default: http://<ENGINE_HOST>:<its port>.',
    }),
    maxProfiles: integer('ENGINE_MAX_PROFILES', {
      default: 500,
      min: 1,
      max: 10_000,
      describe: 'Most profiles that one engine process takes.',
    }),
    leaseSeconds: integer('LEASE_SECONDS', {
      default: 8,
      min: 2,
      max: 120,
      describe: 'How long an engine owns a profile without renewing. Another may take over after that.',
    }),
    connectsPerSecond: integer('CONNECTS_PER_SECOND', {
      default: 10,
      min: 1,
      max: 1000,
      describe:
        'Most connections to WhatsApp that begin within any second, over all engine processes of the installation together: new ones, those taken over and those that come back.',
    }),
    memoryMb: integer('ENGINE_MEMORY_MB', {
      default: 0,
      min: 0,
      max: 1_000_000,
      describe:
        'Memory that an engine process may use. From 80 % on it takes no more profiles, above 92 % it hands some over. 0: what the container or the machine has.',
    }),
    deviceName: text('DEVICE_NAME', {
      default: 'Waypost',
      describe:
        "Name in the phone's list of linked devices, for profiles that have none of their own. Told at linking.",
    }),
    sendExpiryHours: integer('SEND_EXPIRY_HOURS', {
      default: 24,
      min: 1,
      max: 720,
      describe: 'A queued send that could not go out for so long ends as expired.',
    }),
  },
  sandbox: {
    url: optionalText('WA_SANDBOX_URL', {
      describe: 'WebSocket address of a WhatsApp network simulator. Unset: the real WhatsApp.',
    }),
    rootKey: optionalText('WA_SANDBOX_ROOT_KEY', {
      describe: "Hex of the simulator's certificate root. Goes with WA_SANDBOX_URL.",
    }),
    caFile: optionalText('WA_SANDBOX_CA_FILE', {
      describe: "PEM file with the certificate authority of the simulator's media host. Goes with WA_SANDBOX_URL.",
    }),
    controlUrl: optionalText('WA_SANDBOX_CONTROL_URL', {
      describe:
        "Address of the simulator's control interface. QR codes are shown there too, so that its phones can link a profile by picking it.",
    }),
  },
  worker: {
    port: integer('WORKER_PORT', {
      default: 0,
      min: 0,
      max: 65535,
      describe: 'Port of the probes and metrics of the worker, 0 for any free one.',
    }),
    host: text('WORKER_HOST', {
      default: '127.0.0.1',
      describe: 'Address on which the worker answers probes and metrics.',
    }),
  },
  tracing: {
    endpoint: optionalText('OTEL_EXPORTER_OTLP_ENDPOINT', {
      describe: 'Base address of an OpenTelemetry collector (OTLP over HTTP) that gets traces. Unset: no traces.',
    }),
    samplePercent: integer('TRACES_SAMPLE_PERCENT', {
      default: 100,
      min: 0,
      max: 100,
      describe: 'Share of the traces that begin here and are exported, percent.',
    }),
  },
  outbound: {
    allowedRanges: list('OUTBOUND_ALLOWED_RANGES', {
      describe:
        'CIDR ranges that URLs given by users may lead to although they are private or local, comma-separated. Empty is safe.',
    }),
    linkPreviews: choice('LINK_PREVIEWS', {
      of: ['off', 'asked', 'always'],
      default: 'asked',
      describe:
        'Whether the page of the first link of a text is fetched for a preview: never; when the request says linkPreview: true; unless it says false. Fetching takes up to five seconds of the request.',
    }),
    webhookTimeoutSeconds: integer('WEBHOOK_TIMEOUT_SECONDS', {
      default: 15,
      min: 1,
      max: 60,
      describe: 'How long a webhook endpoint may take to answer.',
    }),
    webhookConcurrency: integer('WEBHOOK_CONCURRENCY', {
      default: 200,
      min: 1,
      max: 1000,
      describe: 'Webhook calls under way at once in a worker process, at most 32 of them to one webhook.',
    }),
  },
  log: {
    level: choice('LOG_LEVEL', {
      of: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      default: 'info',
      describe: 'How much is logged.',
    }),
  },
} as const;

type Values<Group> = { [K in keyof Group]: Group[K] extends Setting<infer T> ? T : never };

/** The settings as typed groups: `config.http.port`. */
export type Config = { [G in keyof typeof settings]: Values<(typeof settings)[G]> };
