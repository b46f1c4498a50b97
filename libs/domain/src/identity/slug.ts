import { randomBytes } from 'node:crypto';

/** Longest slug, without its random end. */
const MAX = 48;

/** A name as it can stand in an address: `Köln & Bonn` → `koln-bonn`. Random when nothing of it can. */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, MAX)
    .replaceAll(/^-+|-+$/g, '');
  return slug === '' ? randomEnd() : slug;
}

/** A slug that nobody else has. */
export function uniqueSlugOf(name: string): string {
  return `${slugOf(name)}-${randomEnd()}`;
}

function randomEnd(): string {
  return randomBytes(5).toString('hex');
}
