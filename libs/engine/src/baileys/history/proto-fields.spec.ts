import { proto } from '@whiskeysockets/baileys';
import { protoFields } from './proto-fields.js';

const history = proto.HistorySync.encode({
  syncType: 3,
  conversations: [{ id: '1@lid' }, { id: '2@lid', messages: [{ message: { key: { id: 'A' } } }] }],
  progress: 300,
  pushnames: [{ id: '1@lid', pushname: 'Carl' }],
  phoneNumberToLidMappings: [{ pnJid: '1@s.whatsapp.net', lidJid: '1@lid' }],
}).finish();

/** The bytes in pieces of so many. */
async function* pieces(size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < history.length; at += size) yield history.subarray(at, at + size);
}

async function fieldsOf(stream: AsyncIterable<Uint8Array>) {
  const fields: { field: number; value: number | Buffer }[] = [];
  for await (const field of protoFields(stream)) fields.push(field);
  return fields;
}

describe('fields of a large protobuf', () => {
  it.each([1, 7, 4_096])('come one by one from pieces of %i bytes', async (size) => {
    const fields = await fieldsOf(pieces(size));
    expect(fields.map(({ field }) => field)).toEqual([1, 2, 2, 6, 7, 15]);
    expect(fields.filter(({ value }) => typeof value === 'number').map(({ value }) => value)).toEqual([3, 300]);
    const [, , second] = fields;
    expect(proto.Conversation.decode(second!.value as Buffer).messages[0]!.message!.key!.id).toBe('A');
    expect(proto.PhoneNumberToLIDMapping.decode(fields.at(-1)!.value as Buffer).lidJid).toBe('1@lid');
  });

  it('an end in the middle of a field is an error, not an end', async () => {
    const cut = async function* () {
      yield history.subarray(0, history.length - 3);
    };
    await expect(fieldsOf(cut())).rejects.toThrow('ends in the middle');
  });
});
