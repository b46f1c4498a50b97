import { Feed, WaitTimeout } from './feed.js';

interface Entry {
  index: number;
  text: string;
}

const feedOf = (limit: number, ...texts: string[]): Feed<Entry> => {
  const feed = new Feed<Entry>(limit);
  for (const text of texts) feed.append((index) => ({ index, text }));
  return feed;
};

describe('Feed', () => {
  it('numbers its entries from 1 and lists those after an index', () => {
    const feed = feedOf(10, 'a', 'b', 'c');
    expect(feed.list(1).map(({ text }) => text)).toEqual(['b', 'c']);
    expect(feed.list(0, 1).map(({ text }) => text)).toEqual(['a']);
    expect(feed.lastIndex).toBe(3);
  });

  it('drops the oldest beyond its limit without losing count', () => {
    const feed = feedOf(10, ...Array.from({ length: 25 }, (_, n) => `${n + 1}`));
    expect(feed.dropped).toBeGreaterThanOrEqual(14);
    expect(feed.list().length + feed.dropped).toBe(25);
    expect(feed.list(20).map(({ index, text }) => `${index}=${text}`)).toEqual([
      '21=21',
      '22=22',
      '23=23',
      '24=24',
      '25=25',
    ]);
  });

  it('waits for what is there and for what comes, but not for what is older than asked', async () => {
    const feed = feedOf(10, 'a');
    const wait = (text: string, after = 0) =>
      feed.wait((entry) => entry.text === text, { after, timeoutMs: 20, what: text });
    expect(await wait('a')).toEqual({ index: 1, text: 'a' });
    await expect(wait('a', 1)).rejects.toThrow(WaitTimeout);
    const coming = wait('b', 1);
    feed.append((index) => ({ index, text: 'b' }));
    expect(await coming).toEqual({ index: 2, text: 'b' });
  });
});
