import fc from 'fast-check';
import { CatalogueError } from '#contracts';
import { checkedActions } from './hook-action-checks.js';
import { type HookAction, planAction } from './hook-actions.js';
import { type HookContent, readBody, withoutSecrets } from './hook-content.js';

const content: HookContent = {
  headers: { 'x-event': 'order' },
  query: { source: 'shop' },
  body: {
    status: 'shipped',
    total: '12.5',
    customer: { phone: '0151 12345678', name: 'Ada {{ body.total }}', tags: ['vip'] },
    at: 1_790_000_000,
    items: [{ name: 'Tea', n: 2 }],
    place: { lat: 52.5, lng: '13.4' },
    'a/b~c': 'odd',
    photo: 'https://shop.example/tea.png',
  },
};
const plan = (action: object, country: string | null = 'DE') =>
  planAction(checkedActions([action])[0]!, content, { defaultCountry: country });
const message = (said: object) =>
  (plan({ kind: 'send_message', to: '{{ body.customer.phone }}', message: said }) as { message: object }).message;
const problem = (run: () => unknown): CatalogueError => {
  try {
    run();
  } catch (error) {
    if (error instanceof CatalogueError) return error;
    throw error;
  }
  throw new Error('It was taken.');
};

describe('what a hook makes of a request', () => {
  it('a message to a number, which may lack its country code', () => {
    const text = 'Hi {{ body.customer.name }}: {{ body.items[0].name }} ({{ query.source }})';
    const action = { kind: 'send_message', to: '{{ body.customer.phone }}', message: { kind: 'text', text } };
    expect(plan(action)).toEqual({
      kind: 'send_message',
      to: { kind: 'user', phone: '4915112345678', lid: null },
      // What stands in a request is put in as it is, whatever it looks like.
      message: { content: { kind: 'text', text: 'Hi Ada {{ body.total }}: Tea (shop)' }, linkPreview: undefined },
    });
    expect(problem(() => plan(action, null)).fields).toEqual([
      { path: 'action.to', message: expect.stringContaining('with country code') },
    ]);
  });

  it('messages of other kinds, from texts and from what stands at a path', () => {
    const place = { latitude: { path: '/body/place/lat' }, longitude: { path: '/body/place/lng' }, name: 'Shop' };
    expect(message({ kind: 'location', ...place })).toEqual({
      content: { kind: 'location', latitude: 52.5, longitude: 13.4, name: 'Shop' },
    });
    expect(message({ kind: 'image', url: '{{ body.photo }}', caption: '{{ body["a/b~c"] }}' })).toEqual({
      given: { form: 'image', url: 'https://shop.example/tea.png' },
      caption: 'odd',
    });
    expect(message({ kind: 'poll', question: 'Which?', options: ['{{ body.items[0].name }}', 'None'] })).toEqual({
      content: { kind: 'poll', question: 'Which?', options: ['Tea', 'None'], selectable: 1 },
    });
    expect(message({ kind: 'event', name: 'Opening', startsAt: { path: '/body/at' } })).toEqual({
      content: { kind: 'event', name: 'Opening', startsAt: '2026-09-21T14:13:20.000Z' },
    });
    expect(message({ kind: 'contacts', contacts: [{ name: 'Us', phone: '+49 30 123456' }] })).toMatchObject({
      content: { contacts: [{ name: 'Us', vcard: expect.stringContaining('waid=4930123456') }] },
    });
  });

  it('a contact, its tags, and a broadcast', () => {
    const phone = '{{ body.customer.phone }}';
    const to = { kind: 'user', phone: '4915112345678', lid: null };
    const whole = {
      name: '{{ body.items[0].name }}',
      tags: { path: '/body/customer/tags' },
      metadata: { n: '{{ body.total }}' },
    };
    expect(plan({ kind: 'upsert_contact', phone, ...whole })).toEqual({
      kind: 'upsert_contact',
      ...{ to, name: 'Tea', tags: ['vip'], metadata: { n: '12.5' } },
    });
    expect(plan({ kind: 'upsert_contact', phone })).toMatchObject({ name: undefined, tags: [], metadata: {} });
    expect(plan({ kind: 'add_tags', phone, tags: '{{ body.status }}' })).toEqual({
      kind: 'add_tags',
      ...{ to, tags: ['shipped'] },
    });
    const broadcastId = '0198c2f0-9b12-7c44-85d7-4b5c6d7e8f90';
    expect(plan({ kind: 'start_broadcast', broadcastId, variables: { items: { path: '/body/items' } } })).toEqual({
      kind: 'start_broadcast',
      ...{ broadcastId, name: undefined, variables: { items: [{ name: 'Tea', n: 2 }] } },
    });
    const wrongs = [
      [{ kind: 'add_tags', phone, tags: '{{ body.none }}' }, 'action.tags'],
      [{ kind: 'remove_tags', phone, tags: ['x'.repeat(200)] }, 'action.tags'],
      [{ kind: 'upsert_contact', phone: '1@g.us' }, 'action.phone'],
      [{ kind: 'upsert_contact', phone, metadata: { path: '/body/status' } }, 'action.metadata'],
      [{ kind: 'start_broadcast', broadcastId, name: 'x'.repeat(101) }, 'action.name'],
    ] as const;
    for (const [action, path] of wrongs)
      expect([path, problem(() => plan(action)).fields?.[0]?.path]).toEqual([path, path]);
  });

  it('the variables of a template, lists and objects as they are', () => {
    const templateId = '0198c2f0-9b12-7c44-85d7-4b5c6d7e8f90';
    const variables = {
      items: { path: '/body/items' },
      odd: { path: '/body/a~1b~0c' },
      none: { path: '/body/x', default: 'no' },
    };
    expect(plan({ kind: 'send_template', to: '+4915112345678', templateId, variables })).toMatchObject({
      values: { items: [{ name: 'Tea', n: 2 }], odd: 'odd', none: 'no' },
    });
  });

  it.each<[string, string, boolean, unknown]>([
    ['exists', '/body/status', true, null],
    ['exists', '/body/nothing', false, null],
    ['not_exists', '/body/customer/constructor', true, null],
    ['equals', '/body/status', true, 'shipped'],
    ['equals', '/body/total', true, 12.5],
    ['not_equals', '/body/status', true, 'new'],
    ['in', '/headers/x-event', true, ['refund', 'order']],
    ['contains', '/body/customer/tags', true, 'vip'],
    ['contains', '/body/status', true, 'hip'],
    ['starts_with', '/query/source', true, 'sh'],
    ['ends_with', '/query/source', false, 'sh'],
    ['greater_than', '/body/total', true, 12],
    ['less_than', '/body/status', false, 12],
  ])('conditions: %s %s is %s', (operator, path, expected, value) => {
    const action = {
      kind: 'send_message',
      when: [{ path, operator, value }],
      to: '4915112345678',
      message: { kind: 'text', text: 'x' },
    };
    expect(plan(action) !== null).toBe(expected);
  });

  it.each<[string, object, string]>([
    ['an unknown kind', { kind: 'run_code' }, 'actions.0.kind'],
    ['nobody to write to', { kind: 'send_message', message: { kind: 'text', text: 'x' } }, 'actions.0.to'],
    [
      'a text that is no template',
      { kind: 'send_message', to: '{{', message: { kind: 'text', text: 'x' } },
      'actions.0.to',
    ],
    [
      'files of the server',
      { kind: 'send_message', to: '1', message: { kind: 'text', text: '{% include "/etc/passwd" %}' } },
      'actions.0.message.text',
    ],
    ['an unknown message', { kind: 'send_message', to: '1', message: { kind: 'fax' } }, 'actions.0.message.kind'],
    [
      'a wrong pointer',
      { kind: 'send_message', to: { path: 'body.x' }, message: { kind: 'text', text: 'x' } },
      'actions.0.to.path',
    ],
    [
      'a wrong condition',
      {
        kind: 'send_message',
        to: '1',
        when: [{ path: '/body', operator: 'matches' }],
        message: { kind: 'text', text: 'x' },
      },
      'actions.0.when.0.operator',
    ],
  ])('refuses %s when it is set up', (_what, action, path) => {
    expect(problem(() => checkedActions([action])).fields).toContainEqual({ path, message: expect.any(String) });
  });

  it('tells all that a request lacks at once', () => {
    const failed = problem(() => message({ kind: 'location', latitude: '{{ body.x }}', longitude: 999 }));
    expect([failed.code, failed.fields?.map(({ path }) => path)]).toEqual([
      'HOOK_MAPPING_FAILED',
      ['action.message.latitude', 'action.message.longitude'],
    ]);
  });

  it('cannot be made to hang', () => {
    const loop = '{% for a in (1..99999) %}{% for b in (1..99999) %}{{ a }}{% endfor %}{% endfor %}';
    const startedAt = performance.now();
    const failed = problem(() => message({ kind: 'text', text: loop }));
    expect([failed.code, performance.now() - startedAt < 3000]).toEqual(['HOOK_MAPPING_FAILED', true]);
  });

  it('whatever is posted, it is planned or refused by name', () => {
    const actions = checkedActions([
      { kind: 'send_message', to: { path: '/body/to' }, message: { kind: 'text', text: '{{ body.text }}' } },
      { kind: 'send_message', to: '{{ body.to }}', message: { kind: 'contacts', contacts: { path: '/body/list' } } },
      {
        kind: 'send_message',
        to: '4915112345678',
        message: { kind: 'poll', question: { path: '/body' }, options: { path: '/body/list' } },
      },
    ]) as HookAction[];
    fc.assert(
      fc.property(fc.record({ to: fc.jsonValue(), text: fc.jsonValue(), list: fc.jsonValue() }), (body) => {
        for (const action of actions) {
          try {
            planAction(action, { headers: {}, query: {}, body }, { defaultCountry: 'DE' });
          } catch (error) {
            expect(error).toBeInstanceOf(CatalogueError);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('what a request said', () => {
  it('is JSON or a form', () => {
    expect(readBody(Buffer.from('{"a":[1]}'), 'application/vnd.api+json; charset=utf-8')).toEqual({ a: [1] });
    expect(readBody(Buffer.from('a=1&b=2&a=%C3%BC'), 'application/x-www-form-urlencoded')).toEqual({
      a: ['1', 'ü'],
      b: '2',
    });
    expect(readBody(Buffer.alloc(0), undefined)).toBeNull();
    expect(problem(() => readBody(Buffer.from('<a/>'), 'text/xml')).code).toBe('UNSUPPORTED_MEDIA_TYPE');
    expect(problem(() => readBody(Buffer.from('{'), 'application/json')).code).toBe('MALFORMED_JSON');
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(problem(() => readBody(Buffer.from(deep), 'application/json')).code).toBe('MALFORMED_JSON');
    expect(Object.keys(readBody(Buffer.from('{"__proto__":{"x":1}}'), undefined) as object)).toEqual(['__proto__']);
  });

  it('is kept without credentials', () => {
    const headers = {
      authorization: 'Bearer x',
      'x-sig': 'abc',
      'x-shop-token': 't',
      'content-type': 'application/json',
    };
    expect(withoutSecrets(headers, ['x-sig'])).toEqual({
      authorization: '***',
      'x-sig': '***',
      'x-shop-token': '***',
      'content-type': 'application/json',
    });
  });
});
