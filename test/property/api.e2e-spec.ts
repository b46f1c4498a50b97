import { createRequire } from 'node:module';
import fc from 'fast-check';
import { Database } from '#database';
import { ApiClient, createTestDatabase, type TestDatabase } from '#testing';
import { type RunningApi, startApi } from '../../apps/api/src/start-api.js';
import { fullName, type Owner, samples } from '../route-samples.js';
import { type ActorName, type ApiRequest, type Operation, operationsOf, requestsTo } from './api-requests.js';

/**
 * Requests made from our own OpenAPI document, right and wrong: no answer is a 500, none breaks the schema that the
 * document promises for its status, and every error has a code that the operation lists. `npm run test:property` is the
 * large run. A failure names the seed: PROPERTY_SEED repeats it.
 */
const require = createRequire(import.meta.url);
const { Ajv2020 } = require('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js');
const addFormats = require('ajv-formats') as typeof import('ajv-formats').default;

const wanted = Number(process.env.PROPERTY_REQUESTS ?? 900);
/** The small run asks the same each time, so that what fails is what was changed; the large one looks for what is new. */
const seed = Number(process.env.PROPERTY_SEED ?? (process.env.PROPERTY_REQUESTS ? Date.now() % 2 ** 31 : 1));
/** Requests after which actors and things are new: some requests end a session or remove what others name. */
const REQUESTS_PER_ROUND = 300;
const LANES = 4;
/** What every path can answer, whatever the operation. */
const anywhere = new Set(['ROUTE_NOT_FOUND', 'METHOD_NOT_ALLOWED']);

let database: TestDatabase;
let db: Database;
let api: RunningApi;
// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
let document: any;
let operations: Map<string, Operation>;
let ajv: InstanceType<typeof Ajv2020>;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await Database.open(database.config.database, 'property spec');
  api = await startApi(database.config);
  document = await (await fetch(`${api.url}/api/docs-json`)).json();
  operations = new Map(operationsOf(document).map((operation) => [operation.operationId + operation.path, operation]));
  ajv = new Ajv2020({ strict: false, validateFormats: true });
  addFormats(ajv as never);
  ajv.addSchema(document, 'api');
});

afterAll(async () => {
  await api?.stop();
  await db?.close();
  await database?.drop();
});

it(`holds for ${wanted} requests`, async () => {
  const seen = new Map<string, number>();
  // One example of each kind, so that a run tells everything that is wrong and not only the first.
  const found = new Map<string, string>();
  let made = 0;
  for (let round = 0; made < wanted; round++) {
    const count = Math.min(REQUESTS_PER_ROUND, wanted - made);
    const scene = await Scene.set();
    const requests = requestsTo([...operations.values()], document.components.schemas, scene.ids, fullName);
    const property = fc.asyncProperty(requests, async (request) => {
      const { status, problem } = await scene.ask(request);
      const name = `${Math.floor(status / 100)}xx`;
      seen.set(name, (seen.get(name) ?? 0) + 1);
      if (problem) found.set(`${request.operationId} ${problem.split('\n', 1)[0]}`, problem);
    });
    const numRuns = Math.ceil(count / LANES);
    await Promise.all(
      Array.from({ length: LANES }, (_, lane) => fc.assert(property, { seed: seed + round * LANES + lane, numRuns })),
    );
    made += numRuns * LANES;
  }
  console.log(
    `${made} requests, seed ${seed}: ${[...seen]
      .sort()
      .map((each) => each.join(' '))
      .join(', ')}`,
  );
  expect([...found.values()]).toEqual([]);
  // A run in which nothing succeeds would prove nothing.
  expect(seen.get('2xx')).toBeGreaterThan(made / 12);
  expect(seen.get('4xx')).toBeGreaterThan(made / 12);
}, 1_800_000);

/** Actors, and things of the first of them. */
class Scene {
  private constructor(
    private readonly actors: Record<ActorName, Record<string, string>>,
    readonly ids: Record<string, string>,
  ) {}

  static async set(): Promise<Scene> {
    const [owner, stranger] = await Promise.all([ApiClient.register(api.url), ApiClient.register(api.url)]);
    const newKey = async (permissions: string[]): Promise<Record<string, string>> => {
      const { body } = await owner.client.post('/api-keys', { name: 'property', permissions });
      return { 'x-api-key': body.data.key };
    };
    const ids: Record<string, string> = await samples.messageId!(db, owner as unknown as Owner);
    for (const [name, make] of Object.entries(samples))
      ids[name] ??= (await make(db, owner as unknown as Owner))[name]!;
    return new Scene(
      {
        owner: { authorization: `Bearer ${owner.accessToken}` },
        key: await newKey(['*']),
        reader: await newKey(['messages.read']),
        stranger: { authorization: `Bearer ${stranger.accessToken}` },
        nobody: {},
        forger: { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' },
      },
      ids,
    );
  }

  /** Makes the request and says what its answer breaks. */
  async ask(request: ApiRequest): Promise<{ status: number; problem?: string }> {
    const { method, path, body, actor } = request;
    const response = await fetch(api.url + path, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...this.actors[actor],
        ...request.headers,
      },
      ...(body !== undefined && { body }),
      redirect: 'manual',
      signal: AbortSignal.timeout(60_000),
    });
    const { status } = response;
    const text = await response.text();
    const problem = problemOf(request, status, response.headers, text);
    if (problem === undefined) return { status };
    const shown = { ...request, body: body?.slice(0, 2000), path: path.slice(0, 500) };
    return { status, problem: `${problem}\n${JSON.stringify(shown)}\nanswered ${status} ${text.slice(0, 2000)}` };
  }
}

function problemOf(request: ApiRequest, status: number, headers: Headers, text: string): string | undefined {
  if (status >= 500 && status !== 503) return 'a failure of ours';
  if (!headers.get('x-request-id')) return 'no request id';
  const isJson = headers.get('content-type')?.includes('application/json') === true;
  const answer = isJson ? JSON.parse(text) : undefined;
  const code = answer?.error?.code as string | undefined;
  if (code !== undefined && anywhere.has(code)) return undefined;

  const operation = operationOf(request);
  const declared = operation.responses[String(status)];
  if (declared === undefined) return `status ${status} ${code ?? ''} is not in the document`;
  if (status >= 400 && !declared.codes.has(code ?? '')) return `the code ${code} is not in the document`;
  if (!declared.hasSchema) return undefined;
  if (!isJson) return declared.mayBeFile ? undefined : 'no JSON';
  const validate = validatorOf(operation, request.method, status);
  return validate(answer) ? undefined : `breaks the schema: ${ajv.errorsText(validate.errors)}`;
}

type Validate = ReturnType<typeof ajv.compile>;
const validators = new Map<string, Validate>();

/** Of what the document promises for a status; kept, because making one takes longer than the request. */
function validatorOf({ path }: Operation, method: string, status: number): Validate {
  const pointer = ['paths', path, method.toLowerCase(), 'responses', status, 'content', 'application/json', 'schema'];
  const $ref = `api#/${pointer.map((part) => encodeURIComponent(String(part).replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
  const validate = validators.get($ref) ?? ajv.compile({ $ref });
  validators.set($ref, validate);
  return validate;
}

function operationOf({ operationId, method, path }: ApiRequest): Operation {
  const own = [...operations.values()].filter((each) => each.operationId === operationId && each.method === method);
  const segments = path.split('?', 1)[0]!.split('/').length;
  return own.find((each) => each.path.split('/').length === segments) ?? own[0]!;
}
