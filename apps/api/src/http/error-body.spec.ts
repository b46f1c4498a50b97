import { toCatalogueError } from './error-body.js';

it('what was deleted while a request was carried out is not found, and no failure of ours', () => {
  const cause = Object.assign(new Error('insert violates foreign key constraint'), { code: '23503' });
  expect(toCatalogueError(new Error('query failed', { cause }))).toMatchObject({ code: 'NOT_FOUND', status: 404 });
});

it('what nobody expects is a failure of ours', () => {
  expect(toCatalogueError(Object.assign(new Error('null value'), { code: '23502' }))).toMatchObject({ status: 500 });
});
