import { type SessionContent, type SessionKey, sessionUnreadable } from './session-content.js';

/** The kinds of keys in the names of files, longest first: the name of one begins with that of another. */
const keyTypes = [
  'app-state-sync-version',
  'sender-key-memory',
  'app-state-sync-key',
  'identity-key',
  'lid-mapping',
  'device-list',
  'sender-key',
  'pre-key',
  'session',
  'tctoken',
];
const credentialsFile = 'creds.json';

/**
 * Reads the files that Baileys' `useMultiFileAuthState` writes: `creds.json` and `<type>-<id>.json`, each JSON with
 * bytes in base64, which is how we keep keys too. Other files are passed over.
 * @param files name without folder, and content
 * @throws EngineError `session_unreadable`
 */
export function readBaileysFolder(files: Iterable<[name: string, content: Uint8Array]>): SessionContent {
  let credentials: Uint8Array | null = null;
  const keys: SessionKey[] = [];
  for (const [name, content] of files) {
    if (name === credentialsFile) credentials = credentialsOf(content);
    else {
      const key = keyOf(name, content);
      if (key) keys.push(key);
    }
  }
  if (!credentials) throw sessionUnreadable(`there is no ${credentialsFile} in it`);
  return { credentials, keys };
}

function credentialsOf(content: Uint8Array): Uint8Array {
  const creds = json(credentialsFile, content);
  return Buffer.from(JSON.stringify({ version: 1, creds }));
}

function keyOf(name: string, content: Uint8Array): SessionKey | null {
  const type = keyTypes.find((each) => name.startsWith(`${each}-`));
  if (!type || !name.endsWith('.json')) return null;
  json(name, content);
  return { type, id: idOf(type, name.slice(type.length + 1, -'.json'.length)), value: content };
}

/** Baileys writes `/` as `__` and `:` as `-` in names. Only the ids of sender keys have colons: group::user::device. */
function idOf(type: string, written: string): string {
  const id = type === 'app-state-sync-key' ? written.replaceAll('__', '/') : written;
  return type === 'sender-key' ? id.replace(/^(.+)--([^-]+)--(\d+)$/, '$1::$2::$3') : id;
}

function json(name: string, content: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(content).toString('utf8'));
  } catch (cause) {
    throw sessionUnreadable(`${name} is not JSON`, cause);
  }
}
