import { readSessionFile, writeSessionFile } from './session-file.js';

const content = {
  credentials: Buffer.from('{"version":1}'),
  keys: [{ type: 'session', id: '1.0', value: Buffer.from('secret-of-a-session') }],
};
const at = new Date('2026-11-21T12:00:00Z');

describe('the file of a session', () => {
  it('comes back with its passphrase, and shows nothing without', async () => {
    const file = await writeSessionFile(content, 'correct horse', at);
    expect(file.toString('latin1')).not.toContain('secret-of-a-session');
    const read = await readSessionFile(file, 'correct horse');
    expect(read.exportedAt).toEqual(at);
    expect(Buffer.from(read.content.credentials).toString()).toBe('{"version":1}');
    expect(read.content.keys).toEqual(content.keys);
    await expect(readSessionFile(file, 'correct hors')).rejects.toMatchObject({
      reason: 'wrong_passphrase_or_damaged',
    });
  });

  it('is refused when a byte of it changed, also of its first lines', async () => {
    const file = await writeSessionFile(content, 'correct horse', at);
    const damaged = Buffer.from(file);
    damaged[file.length - 20]! ^= 1;
    await expect(readSessionFile(damaged, 'correct horse')).rejects.toMatchObject({
      reason: 'wrong_passphrase_or_damaged',
    });
    const cheaper = Buffer.from(file.toString('latin1').replace('"n":32768', '"n":16384'), 'latin1');
    await expect(readSessionFile(cheaper, 'correct horse')).rejects.toMatchObject({ reason: 'not_a_session' });
  });

  it.each([
    ['', 'not_a_session'],
    ['hello', 'not_a_session'],
    ['WAYPOST-SESSION 1\n{}\n', 'not_a_session'],
    ['WAYPOST-SESSION 2\n{}\nxxxxxxxxxxxxxxxxxxxxxxxx', 'newer_version'],
  ])('%j: %s', async (text, reason) => {
    await expect(readSessionFile(Buffer.from(text), 'x')).rejects.toMatchObject({ reason });
  });
});
