import Bowser from 'bowser';

export interface Device {
  /** For people: `Chrome on macOS`; the program's own name where it is no browser. */
  name: string;
  browser: string | null;
  os: string | null;
  /** `desktop`, `mobile`, `tablet` or `tv`; null where the program does not say. */
  type: string | null;
}

/** What a program says of itself. It may say anything: this is for recognition, nothing is decided by it. */
export function deviceOf(userAgent: string | null): Device {
  if (userAgent === null || userAgent.trim() === '') {
    return { name: 'Unknown device', browser: null, os: null, type: null };
  }
  const { browser, os, platform } = Bowser.parse(userAgent);
  if (browser.name && os.name) {
    return {
      name: `${browser.name} on ${os.name}`,
      browser: browser.name,
      os: os.name,
      type: platform.type ?? null,
    };
  }
  // Programs name themselves first: `curl/8.5.0`, `node`.
  const name = userAgent.split(/[\s/(]/, 1)[0]!.slice(0, 40);
  return {
    name: name === '' ? 'Unknown device' : name,
    browser: null,
    os: os.name ?? null,
    type: platform.type ?? null,
  };
}
