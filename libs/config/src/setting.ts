import { isIP } from 'node:net';

/** How one environment variable is read. `describe` is its sentence in `.env.example` and the settings reference. */
export interface Setting<T> {
  env: string;
  describe: string;
  /** The default as the reference shows it; undefined when there is none. */
  shown?: string;
  secret?: boolean;
  read(raw: string | undefined): T;
}

/** A setting whose value cannot be used; says which and what to do. */
export class InvalidSetting extends Error {
  constructor(env: string, problem: string) {
    super(`${env} ${problem}`.trim());
    this.name = 'InvalidSetting';
  }
}

type Options = { describe: string; secret?: boolean };
const empty = (raw: string | undefined) => raw === undefined || raw.trim() === '';

export function text(env: string, options: Options & { default: string }): Setting<string> {
  return {
    env,
    ...options,
    shown: options.default,
    read: (raw) => (empty(raw) ? options.default : raw!.trim()),
  };
}

/** Address of a PostgreSQL server, or empty. Never repeated in the problem: it holds a password. */
export function postgresUrl(env: string, options: Options): Setting<string> {
  const plain = text(env, { ...options, default: '' });
  return {
    ...plain,
    read(raw) {
      const url = plain.read(raw);
      if (url === '' || (URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol))) return url;
      throw new InvalidSetting(env, 'must be an address such as postgres://user:password@host:5432/database.');
    },
  };
}

/** Address of a mail server, or nothing. Never repeated in the problem: it holds a password. */
export function smtpUrl(env: string, options: Options): Setting<string | undefined> {
  const plain = optionalText(env, { ...options, secret: true });
  return {
    ...plain,
    read(raw) {
      const url = plain.read(raw);
      if (url === undefined) return undefined;
      if (URL.canParse(url) && /^smtps?:$/.test(new URL(url).protocol) && new URL(url).hostname !== '') return url;
      throw new InvalidSetting(env, 'must be an address such as smtp://user:password@mail.example.com:587.');
    },
  };
}

export function optionalText(env: string, options: Options): Setting<string | undefined> {
  return { env, ...options, read: (raw) => (empty(raw) ? undefined : raw!.trim()) };
}

/** Host and port of a service, or nothing. */
export function hostAndPort(
  env: string,
  options: Options & { port: number },
): Setting<{ host: string; port: number } | undefined> {
  const plain = optionalText(env, options);
  return {
    ...plain,
    read(raw) {
      const given = plain.read(raw);
      if (given === undefined) return undefined;
      const [, host, port = String(options.port)] = /^([\w.-]+|\[[0-9a-fA-F:.]+\])(?::(\d{1,5}))?$/.exec(given) ?? [];
      if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
        throw new InvalidSetting(env, `must be a host, with its port when that is not ${options.port}.`);
      }
      return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
    },
  };
}

/** An http(s) address, or nothing. */
export function optionalUrl(env: string, options: Options): Setting<string | undefined> {
  const plain = optionalText(env, options);
  return {
    ...plain,
    read(raw) {
      const url = plain.read(raw);
      if (url === undefined || (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) return url;
      throw new InvalidSetting(env, 'must be an address such as https://login.example.com.');
    },
  };
}

/** A required secret; standalone makes and keeps one when it is absent. */
export function requiredSecret(env: string, options: { describe: string; minLength: number }): Setting<string> {
  return {
    env,
    describe: options.describe,
    secret: true,
    read(raw) {
      if (empty(raw)) throw new InvalidSetting(env, 'is not set. `npm start` makes one; set it yourself elsewhere.');
      if (raw!.trim().length < options.minLength) {
        throw new InvalidSetting(env, `is shorter than ${options.minLength} characters.`);
      }
      return raw!.trim();
    },
  };
}

export function integer(
  env: string,
  options: Options & { default: number; min: number; max: number },
): Setting<number> {
  return {
    env,
    ...options,
    shown: String(options.default),
    read(raw) {
      if (empty(raw)) return options.default;
      const value = Number(raw);
      if (!Number.isInteger(value) || value < options.min || value > options.max) {
        throw new InvalidSetting(env, `must be a whole number from ${options.min} to ${options.max}.`);
      }
      return value;
    },
  };
}

export function flag(env: string, options: Options & { default: boolean }): Setting<boolean> {
  return {
    env,
    ...options,
    shown: String(options.default),
    read(raw) {
      if (empty(raw)) return options.default;
      if (raw === 'true' || raw === '1') return true;
      if (raw === 'false' || raw === '0') return false;
      throw new InvalidSetting(env, 'must be true or false.');
    },
  };
}

export function choice<const T extends readonly string[]>(
  env: string,
  options: Options & { of: T; default: T[number] },
): Setting<T[number]> {
  return {
    env,
    describe: `${options.describe} One of: ${options.of.join(', ')}.`,
    shown: options.default,
    read(raw) {
      if (empty(raw)) return options.default;
      if (!options.of.includes(raw!.trim())) throw new InvalidSetting(env, `must be one of ${options.of.join(', ')}.`);
      return raw!.trim();
    },
  };
}

/** Origins as browsers send them (scheme, host, port and nothing after), or `*`. Anything else would never match. */
export function origins(env: string, options: Options): Setting<string[]> {
  const isOrigin = (value: string) => value === '*' || (URL.canParse(value) && new URL(value).origin === value);
  return listOf(env, options, isOrigin, 'is no origin. Write it like https://app.example.com, without a path or slash');
}

/** IP addresses and CIDR ranges. */
export function addresses(env: string, options: Options): Setting<string[]> {
  const isRange = (value: string) => {
    const [address = '', bits, ...rest] = value.split('/');
    const family = isIP(address);
    const isPrefix = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
    return family !== 0 && isPrefix && rest.length === 0;
  };
  return listOf(env, options, isRange, 'is neither an IP address nor a range such as 10.0.0.0/8');
}

function listOf(env: string, options: Options, fits: (value: string) => boolean, problem: string): Setting<string[]> {
  const plain = list(env, options);
  return {
    ...plain,
    read(raw) {
      const values = plain.read(raw);
      const wrong = values.find((value) => !fits(value));
      if (wrong !== undefined) throw new InvalidSetting(env, `holds ${wrong}, which ${problem}.`);
      return values;
    },
  };
}

/** Comma-separated values; empty by default unless one is given. */
export function list(env: string, options: Options & { default?: string[] }): Setting<string[]> {
  return {
    env,
    ...options,
    shown: options.default?.join(','),
    read: (raw) =>
      empty(raw)
        ? (options.default ?? [])
        : raw!
            .split(',')
            .map((part) => part.trim())
            .filter(Boolean),
  };
}
