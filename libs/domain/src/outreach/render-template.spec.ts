import fc from 'fast-check';
import { renderTemplate } from './render-template.js';

describe('renderTemplate', () => {
  it.each([
    ['Hello {name}!', { name: 'John' }, 'Hello John!'],
    ['Hello {{name}}!', { name: 'John' }, 'Hello John!'],
    ['Hello {{ name }} and { name }', { name: 'John' }, 'Hello John and John'],
    ['{a}{b}{{c}}', { a: 1, b: true, c: 'x' }, '1truex'],
    ['Hello {name}!', {}, 'Hello {name}!'],
    ['Hello {{name}}!', {}, 'Hello {{name}}!'],
    ['{{{name}}}', { name: 'x' }, '{x}'],
    ['{"json": {name}}', { name: 'x' }, '{"json": x}'],
    ['{', { '': 'x' }, '{'],
    ['{{', {}, '{{'],
    ['{name', { name: 'x' }, '{name'],
    ['{{name}', { name: 'x' }, '{x'],
    ['{a}', { a: '{b}', b: 'never' }, '{b}'],
    ['{constructor} {__proto__} {toString}', {}, '{constructor} {__proto__} {toString}'],
    ['{.*} {$&}', { '.*': '$&', '$&': '$1' }, '$& $1'],
    ['{full name}', { 'full name': 'Ana María' }, 'Ana María'],
  ])('renders %j with %j', (template, variables, rendered) => {
    expect(renderTemplate(template, variables, 1_000_000)).toBe(rendered);
  });

  it('never throws, and leaves a text without braces alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.dictionary(fc.string(), fc.string()), (template, variables) => {
        const rendered = renderTemplate(template, variables, 1_000_000);
        if (!template.includes('{')) expect(rendered).toBe(template);
        expect(renderTemplate(template, {}, 1_000_000)).toBe(template);
      }),
    );
  });

  it('puts any value under any name in verbatim', () => {
    const name = fc.string({ minLength: 1, maxLength: 60 }).filter((s) => !/[{}]/.test(s) && s.trim() === s);
    fc.assert(
      fc.property(name, fc.string(), (key, value) => {
        const variables = Object.fromEntries([[key, value]]);
        expect(renderTemplate(`<{${key}}|{{${key}}}>`, variables, 1_000)).toBe(`<${value}|${value}>`);
      }),
    );
  });

  it('stops when the result is longer than allowed', () => {
    const rendered = renderTemplate('{a}'.repeat(20_000), { a: 'x'.repeat(4_000) }, 65_536);
    expect(rendered.length).toBeGreaterThan(65_536);
    expect(rendered.length).toBeLessThan(65_536 + 4_000 + 60_000);
  });

  it('takes time in proportion to the text, whatever the text is', () => {
    const hostile = ['{', '{{', '{a', '{{a}', '{a}{'];
    for (const part of hostile) {
      const text = part.repeat(1_000_000 / part.length);
      const started = performance.now();
      renderTemplate(text, { a: 'b' }, Number.POSITIVE_INFINITY);
      expect(performance.now() - started).toBeLessThan(5_000);
    }
  });
});
