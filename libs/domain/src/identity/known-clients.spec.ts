import { jest } from '@jest/globals';
import type { UserId } from '#contracts';
import { DEVICE_TOKEN_DAYS, DeviceTokens } from './device-tokens.js';
import { passkeySite } from './passkey-site.js';
import { deviceOf } from './session-device.js';
import { placeOf } from './session-place.js';

const ana = '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d0e' as UserId;
const ben = '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d0f' as UserId;

describe('the mark of a browser', () => {
  const devices = new DeviceTokens('a secret of the installation');
  afterEach(() => jest.useRealTimers());

  it('names one device of one person, again after the next log-in', () => {
    const token = devices.issue(ana, null);
    const device = devices.deviceOf(token, ana);
    expect(device).toMatch(/^[\w-]{16}$/);
    expect(devices.deviceOf(devices.issue(ana, token), ana)).toBe(device);
    expect(devices.deviceOf(token, ben)).toBeNull();
    expect(devices.deviceOf(devices.issue(ben, token), ben)).not.toBe(device);
  });

  it('is ours, whole and not too old', () => {
    const token = devices.issue(ana, null);
    const [user, device, expiry, signature] = token.split('.');
    const forged = [
      new DeviceTokens('another secret').issue(ana, null),
      [user, 'AAAAAAAAAAAAAAAA', expiry, signature].join('.'),
      [user, device, Number(expiry) + 1, signature].join('.'),
      [user, device, expiry, `${signature}.`].join('.'),
      [user, device, expiry, ''].join('.'),
      '',
      '...',
    ];
    expect(forged.map((each) => devices.deviceOf(each, ana))).toEqual(forged.map(() => null));
    jest.useFakeTimers({ now: Date.now() + (DEVICE_TOKEN_DAYS + 1) * 86_400_000 });
    expect(devices.deviceOf(token, ana)).toBeNull();
  });
});

describe('what a session shows of its client', () => {
  it.each([
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
      'Chrome on macOS',
      'desktop',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
      'Safari on iOS',
      'mobile',
    ],
    ['curl/8.5.0', 'curl', null],
    ['node', 'node', null],
    ['', 'Unknown device', null],
    [null, 'Unknown device', null],
    ['(((', 'Unknown device', null],
  ])('%j is %j', (userAgent, name, type) => {
    expect(deviceOf(userAgent)).toMatchObject({ name, type });
  });

  it.each([
    ['8.8.8.8', { countryCode: 'US', country: 'United States' }],
    ['::ffff:8.8.8.8', { countryCode: 'US', country: 'United States' }],
    ['2a00:1450:4001::1', { countryCode: 'IE', country: 'Ireland' }],
    ['127.0.0.1', null],
    ['192.168.1.1', null],
    ['fe80::1', null],
    ['nonsense', null],
    [null, null],
  ])('%j is in %j', (address, place) => {
    expect(placeOf(address)).toEqual(place);
  });
});

it('passkeys belong to the host name of the installation and pages below it; an IP address has none', () => {
  expect(
    passkeySite('https://waypost.example.com:8443/x', ['https://app.waypost.example.com', 'https://example.com', '*']),
  ).toEqual({
    rpId: 'waypost.example.com',
    origins: ['https://waypost.example.com:8443', 'https://app.waypost.example.com'],
  });
  expect(passkeySite('http://localhost:3000', [])).toEqual({ rpId: 'localhost', origins: ['http://localhost:3000'] });
  expect(passkeySite('http://10.0.0.1:3000', [])).toBeNull();
  expect(passkeySite('http://[::1]:3000', [])).toBeNull();
});
