import { mediaPath } from './media-path.js';

it.each([
  ['image/jpeg', 'media/7.jpg'],
  ['image/png', 'media/7.png'],
  ['text/plain; charset=utf-8', 'media/7.txt'],
  ['audio/ogg; codecs=opus', 'media/7.ogg'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'media/7.docx'],
  ['application/octet-stream', 'media/7'],
  ['application/../../etc', 'media/7'],
])('a file of the type %s is called %s, as programs know it', (mimeType, path) => {
  expect(mediaPath({ id: '7', mimeType } as Parameters<typeof mediaPath>[0])).toBe(path);
});
