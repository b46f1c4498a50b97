import { Curve } from '../baileys.js';
import { isSignedBy } from './signature.js';

describe('a signature', () => {
  it('is that of the key and the message it was made with', () => {
    for (let count = 0; count < 8; count += 1) {
      const pair = Curve.generateKeyPair();
      const message = Buffer.from(`message ${count}`);
      const signature = Curve.sign(pair.private, message);
      expect(isSignedBy(pair.public, message, signature)).toBe(true);
      expect(isSignedBy(pair.public, Buffer.from('another'), signature)).toBe(false);
      expect(isSignedBy(Curve.generateKeyPair().public, message, signature)).toBe(false);
    }
  });
});
