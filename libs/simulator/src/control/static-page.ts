import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { PAGE_HEADERS } from './page-headers.js';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** A built web page in a folder: `/` and the files under `/assets/`, whose names change with their content. */
export class StaticPage {
  constructor(private readonly folder: string) {}

  /** False when the path is none of the page's. */
  async respond(path: string, response: ServerResponse): Promise<boolean> {
    const name = path === '/' ? 'index.html' : path.slice(1);
    const isAsset = /^assets\/[\w.-]+$/.test(name);
    if (!isAsset && name !== 'index.html') return false;
    const content = await readFile(join(this.folder, name)).catch(() => undefined);
    if (!content) return false;
    response
      .writeHead(200, {
        'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
        'cache-control': isAsset ? 'public, max-age=31536000, immutable' : 'no-cache',
        ...PAGE_HEADERS,
      })
      .end(content);
    return true;
  }
}
