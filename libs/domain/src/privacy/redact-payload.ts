/** Fields, beside `content`, that tell what somebody said or chose. */
const saysSomething = new Set(['previousBody', 'emoji', 'previousEmoji', 'options']);

/** Fields of events about a contact that tell its names, or why it wants no campaigns. */
const toldOfContacts = new Set(['changes', 'reason']);

/** What stands where something was erased. */
export const ERASED = 'erased';

/**
 * Whether an event is of a chat of two with the person: its other party, or the chat's address, has one of the digits.
 * What somebody did in a group or newsletter makes that no chat with them.
 */
export function isOfChatWith(payload: unknown, digits: readonly string[]): boolean {
  const { from, to, chatId } = payload as Record<string, unknown>;
  if (typeof chatId === 'string' && /@(g\.us|newsletter|broadcast)$/.test(chatId)) return false;
  const chat = typeof chatId === 'string' ? chatId.split('@')[0]! : '';
  return digits.includes(chat) || isOneOf(from, digits) || isOneOf(to, digits);
}

function isOneOf(party: unknown, digits: readonly string[]): boolean {
  if (typeof party !== 'object' || party === null) return false;
  const { phone, lid } = party as Record<string, unknown>;
  return [phone, lid].some((one) => typeof one === 'string' && digits.includes(one));
}

/**
 * The payload of an event without what names a person or says what they wrote. Its shape stays, because readers of the
 * log, here and at customers, may read it again.
 * What the person wrote goes wherever they wrote it.
 * @param isOfPerson the event is of a conversation with the person: then whatever it tells of people goes
 * @param digits phone numbers and LIDs, which go wherever they are
 * @param words names and addresses, which go where they are all of a field
 */
export function redactedPayload(
  payload: unknown,
  isOfPerson: boolean,
  digits: readonly string[],
  words: readonly string[] = [],
): unknown {
  const naming = digits.length > 0 ? new RegExp(`(^|[^0-9])(${digits.join('|')})([^0-9]|$)`) : null;
  const { from, by, person } = (payload ?? {}) as Record<string, unknown>;
  const isTheirs = isOfPerson || isOneOf(from, digits) || isOneOf(by, digits);
  const isAboutThem = isOneOf(person, digits);
  const walk = (value: unknown, name: string): unknown => {
    if (isAboutThem && toldOfContacts.has(name)) return typeof value === 'string' ? ERASED : {};
    if (isTheirs && saysSomething.has(name)) return Array.isArray(value) ? [] : null;
    if (typeof value === 'string') {
      if (naming?.test(value) || words.includes(value)) return ERASED;
      return isOfPerson && name === 'chatId' ? ERASED : value;
    }
    if (Array.isArray(value)) return value.map((item) => walk(item, ''));
    if (value === null || typeof value !== 'object') return value;
    if (isTheirs && name === 'content' && 'kind' in value) return { kind: 'unsupported', type: ERASED };
    if ('phone' in value && 'lid' in value) {
      const party = value as Record<string, unknown>;
      const isThem = isOfPerson || [party.phone, party.lid].some((one) => digits.includes(String(one)));
      if (isThem) return Object.fromEntries(Object.keys(value).map((key) => [key, null]));
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, key)]));
  };
  return walk(payload, '');
}
