import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { sniff } from '../media/media-type.js';
import { takenAs } from './upload-policy.js';

async function taken(
  content: Buffer | string,
  fileName?: string,
  options: { claimedType?: string; asDocument?: boolean } = {},
) {
  const { mimeType, extension, isText, start } = await sniff(
    Readable.from([Buffer.from(content)], { objectMode: false }),
  );
  const detected = mimeType === null ? null : { mime: mimeType, ext: extension! };
  return takenAs({ detected, isText, start, fileName, asDocument: false, ...options });
}

const fixture = (name: string) => readFile(`test/fixtures/media/${name}`);
const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const zip = Buffer.from('504b0506000000000000000000000000000000000000', 'hex');

describe('takenAs', () => {
  it.each([
    ['photo.jpg', 'holiday.JPEG', 'image', 'holiday.JPEG'],
    ['photo.jpg', 'holiday.png', 'image', 'holiday.jpg'],
    ['photo.jpg', 'holiday.v2', 'image', 'holiday.v2.jpg'],
    ['photo.jpg', undefined, 'image', 'file.jpg'],
    ['picture.png', 'C:\\secret\\a.png', 'image', 'a.png'],
    ['clip.mp4', 'clip.mov', 'video', 'clip.mov'],
    ['sound.mp3', 'sound', 'audio', 'sound.mp3'],
  ])('%s named %s is %s, named %s', async (name, given, kind, fileName) => {
    expect(await taken(await fixture(name), given)).toMatchObject({ kind, fileName });
  });

  it('takes markup as documents whatever they are called, and says what they are', async () => {
    expect(await taken('<!DOCTYPE html><p>', 'a.png', { claimedType: 'image/png' })).toEqual({
      ...{ kind: 'document', mimeType: 'text/html', fileName: 'a.html' },
    });
    const svg = '<?xml version="1.0"?>\n<svg xmlns="x"><script>alert(1)</script></svg>';
    expect(await taken(svg, 'logo.svg')).toMatchObject({ kind: 'document', mimeType: 'image/svg+xml' });
  });

  it('believes a sender only what the content cannot tell', async () => {
    expect(await taken('a;b\n', 'list.csv', { claimedType: 'text/csv' })).toMatchObject({ mimeType: 'text/csv' });
    expect(await taken('a;b\n', 'list.csv', { claimedType: 'image/png' })).toMatchObject({
      ...{ kind: 'document', mimeType: 'text/plain', fileName: 'list.csv' },
    });
    expect(await taken(Buffer.from([0, 1, 2, 3]), 'x', { claimedType: 'video/unheard-of' })).toMatchObject({
      kind: 'document',
    });
  });

  it('keeps a picture as a document when that is wanted', async () => {
    expect(await taken(png, 'scan.png', { asDocument: true })).toMatchObject({
      kind: 'document',
      mimeType: 'image/png',
    });
  });

  it.each([
    ['a Windows program', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(100)]), 'holiday.jpg'],
    ['a Linux program', Buffer.concat([Buffer.from('7f454c46', 'hex'), Buffer.alloc(100)]), 'notes.txt'],
    ['a script', Buffer.from('#!/usr/bin/env python\n'), 'notes.txt'],
    ['a name that Windows runs', Buffer.from('hello'), 'invoice.pdf.js'],
    ['an archive that Android installs', zip, 'app.APK'],
    ['a name that hides its ending', Buffer.from('hello'), 'invoice\u202efdp.exe'],
  ])('refuses %s', async (_, content, name) => {
    await expect(taken(content, name)).rejects.toMatchObject({ code: 'MEDIA_TYPE_INVALID' });
  });
});
