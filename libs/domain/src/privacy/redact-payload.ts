/** What stands where something was erased. */
export const ERASED = 'erased';

/** Whether an event is of a chat with the person: its other party, or the chat's address, has one of the digits. */
export function isOfChatWith(payload: unknown, digits: readonly string[]): boolean {
  const { from, to, chatId } = payload as Record<string, unknown>;
  const chat = typeof chatId === 'string' ? chatId.split('@')[0]! : '';
  const parties = [from, to].filter((party) => typeof party === 'object' && party !== null) as Record<
    string,
    unknown
  >[];
  const named = [chat, ...parties.flatMap(({ phone, lid }) => [phone, lid])];
  return named.some((one) => typeof one === 'string' && digits.includes(one));
}

/**
 * The payload of an event without what names a person or says what they wrote. Its shape stays, because readers of the
 * log, here and at customers, may read it again.
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
  const walk = (value: unknown, name: string): unknown => {
    if (typeof value === 'string') {
      if (naming?.test(value) || words.includes(value)) return ERASED;
      return isOfPerson && name === 'chatId' ? ERASED : value;
    }
    if (Array.isArray(value)) return value.map((item) => walk(item, ''));
    if (value === null || typeof value !== 'object') return value;
    if (isOfPerson && name === 'content' && 'kind' in value) return { kind: 'unsupported', type: ERASED };
    if ('phone' in value && 'lid' in value) {
      const party = value as Record<string, unknown>;
      const isThem = isOfPerson || [party.phone, party.lid].some((one) => digits.includes(String(one)));
      if (isThem) return Object.fromEntries(Object.keys(value).map((key) => [key, null]));
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, key)]));
  };
  return walk(payload, '');
}
