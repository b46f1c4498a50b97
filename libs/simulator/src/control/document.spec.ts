import spectral from '@stoplight/spectral-core';
import parsers from '@stoplight/spectral-parsers';
import { oas } from '@stoplight/spectral-rulesets';
import { Simulation } from '../simulation.js';
import { exampleOf, openApiDocument } from './document.js';
import { complaintAboutFields, objectOf } from './field.js';
import type { ControlTopic } from './operation.js';
import { controlTopics } from './operations.js';

const { Spectral, Document } = spectral;

describe('the OpenAPI document of the control interface', () => {
  let topics: ControlTopic[];
  const operations = () => topics.flatMap((topic) => topic.operations);

  beforeAll(() => {
    topics = controlTopics(new Simulation({}));
  });

  it('is valid', async () => {
    const linter = new Spectral();
    linter.setRuleset({ extends: [oas as never] });
    const text = JSON.stringify(openApiDocument(topics, 'http://127.0.0.1:4100'));
    const found = await linter.run(new Document(text, parsers.Json, 'openapi.json'));
    expect(found.map(({ message, path }) => `${path.join('.')}: ${message}`)).toEqual([]);
  });

  it('names every operation once', () => {
    const names = operations().map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    const paths = operations().map(({ method, path }) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`);
    expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([]);
  });

  it('describes every field and shows requests that would be taken', () => {
    for (const { name, body = {}, query = {}, example = exampleOf(body) } of operations()) {
      for (const [field, { description }] of Object.entries({ ...body, ...query })) {
        expect({ name, field, isDescribed: Boolean(description) }).toEqual({ name, field, isDescribed: true });
      }
      expect({ name, complaint: complaintAboutFields(example, objectOf(body), name) }).toEqual({
        name,
        complaint: undefined,
      });
    }
  });
});
