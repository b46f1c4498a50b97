import { ParsedText, TemplateSyntaxError, TemplateTooCostly } from './template-language.js';

const render = (text: string, values: object = {}, timeZone?: string) =>
  ParsedText.read(text).render(values as Record<string, unknown>, timeZone ? { timeZone } : {});

describe('the language of templates', () => {
  it.each<[string, object, string]>([
    ['Hi {{name}}', { name: 'Ada' }, 'Hi Ada'],
    ['Hi {{ name | default: "you" }}', { name: '' }, 'Hi you'],
    ['{{ order.id }} {{ order.items[0].name }}', { order: { id: 7, items: [{ name: 'Tea' }] } }, '7 Tea'],
    ['{{ total | money: "EUR", "de-DE" }}', { total: 1234.5 }, '1.234,50\u00a0€'],
    ['{{ n | number: "en", 1 }} {{ n | round: 2 }}', { n: 3.149 }, '3.1 3.15'],
    ['{{ n | number: "nonsense-locale-x" }}', { n: 'no number' }, 'no number'],
    ['{% if vip %}Dear {% else %}Hi {% endif %}{{name}}', { name: 'Ada', vip: true }, 'Dear Ada'],
    ['{% for item in items %}- {{ item }}\n{% endfor %}', { items: ['a', 'b'] }, '- a\n- b\n'],
    ['{single} braces and 100 %', {}, '{single} braces and 100 %'],
  ])('%s', (text, values, expected) => {
    expect(render(text, values)).toBe(expected);
  });

  it('tells dates in a time zone', () => {
    const text = '{{ at | date: "%d.%m.%Y %H:%M" }}';
    expect(render(text, { at: '2026-07-01T22:30:00Z' }, 'Europe/Berlin')).toBe('02.07.2026 00:30');
    expect(render(text, { at: '2026-07-01T22:30:00Z' })).toBe('01.07.2026 22:30');
  });

  it('puts values in as they are: what looks like a template in them is not run', () => {
    expect(render('{{name}}', { name: '{{ secret }}{% if x %}', secret: 'no' })).toBe('{{ secret }}{% if x %}');
  });

  it('reads own properties only', () => {
    const text = '[{{ name.constructor.name }}][{{ __proto__ }}][{{ toString }}]';
    expect(render(text, { name: 'Ada' })).toBe('[][][]');
  });

  it('knows which variables there are, and which need a value', () => {
    const text = ParsedText.read(
      'Hi {{ name }} {{ title | default: "friend" }}{% if vip.level == 2 %}{{ a.b }}{% endif %}{% for i in items %}{{ i }}{% endfor %}',
    );
    expect(text.variables).toEqual(['name', 'title', 'vip', 'a', 'items']);
    expect(text.needed).toEqual(['name', 'a']);
  });

  it('leaves places without a value as they were written in a preview', () => {
    const text = ParsedText.read('Hi {{ name }}, {% if vip %}{{ gift }} {% endif %}{{ x | default: "!" }}');
    expect(text.preview({ vip: true })).toBe('Hi {{ name }}, {{ gift }} !');
    expect(text.preview({ name: 'Ada', vip: true, gift: 'tea' })).toBe('Hi Ada, tea !');
  });

  it.each([
    ['{% include "/etc/passwd" %}', 1, 1],
    ['{% render "x" %}', 1, 1],
    ['line\n{% if x %}', 2, 1],
    ['{% assign a = 1 %}', 1, 1],
    ['{{ name | where: "a" }}', 1, 1],
    ['{{ name', 1, 1],
  ])('refuses %s and says where', (text, line, column) => {
    const refused = () => ParsedText.read(text).render({});
    expect(refused).toThrow(TemplateSyntaxError);
    expect(refused).toThrow(expect.objectContaining({ line, column }));
  });

  it('stops what costs too much', () => {
    const loop = '{% for a in (1..100000) %}{% for b in (1..100000) %}x{% endfor %}{% endfor %}';
    expect(() => render(loop)).toThrow(TemplateTooCostly);
    const long = 'x'.repeat(50_000);
    expect(() => render('{{ a | append: a | append: a | append: a | append: a }}', { a: long })).toThrow(
      TemplateTooCostly,
    );
  });
});
