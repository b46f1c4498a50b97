import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type NextFunction, type Request, type Response } from 'express';
import { pages } from '#contracts';

/** Where scripts/build.mjs puts the dashboard, beside the compiled code. */
const builtFolder = fileURLToPath(new URL('../../../../pages/dashboard', import.meta.url));

const paths = new Set<string>(Object.values(pages));

/** Stricter than that of Swagger UI: no inline styles, nothing from elsewhere. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Serves the pages that mails and sign-in lead to. Only the paths of the catalogue get the page; everything else is the
 * API's to answer. Without a built page (the api run from its sources) there is nothing to serve.
 * @returns whether there is
 */
export async function serveDashboard(app: NestExpressApplication, folder = builtFolder): Promise<boolean> {
  const index = join(folder, 'index.html');
  if (!existsSync(index)) return false;
  const html = await readFile(index);
  app.use((request: Request, response: Response, next: NextFunction) => {
    if (!paths.has(request.path) || !['GET', 'HEAD'].includes(request.method)) return next();
    response.setHeader('content-security-policy', policy);
    // Links carry secrets behind `#`. Browsers never send those on; with this they say nothing of the page at all.
    response.setHeader('referrer-policy', 'no-referrer');
    response.setHeader('cache-control', 'no-cache');
    response.type('html').send(html);
  });
  // Their names carry a hash of what is in them.
  app.use('/assets', express.static(join(folder, 'assets'), { index: false, redirect: false, ...forever }));
  return true;
}

const forever = { immutable: true, maxAge: '365d' } as const;
