import { pack, unpack } from './plain-values.js';

describe('values between processes', () => {
  it('come back as they went, dates and bytes too', () => {
    const value = {
      at: new Date('2026-05-01T10:00:00.000Z'),
      bytes: new Uint8Array([1, 2, 3]),
      list: [{ phone: '4915100000001', lid: null }, 3, true, 'text'],
      nothing: null,
    };
    expect(unpack(JSON.parse(JSON.stringify(pack(value))))).toEqual(value);
  });
});
