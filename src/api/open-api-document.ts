/** The OpenAPI 3.1 document, made from the same table of endpoints as the routes. */
import { fastifySwagger } from '@fastify/swagger';
import { fastify } from 'fastify';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { urlOf } from './endpoint.ts';
import type { Endpoint } from './endpoint.ts';
import { endpoints } from './endpoints.ts';
import { componentSchemas, jsonSchemaOf } from './json-schema.ts';
import type { JsonSchema } from './json-schema.ts';

/** Version of the API, not of the program: it changes when clients must. */
const apiVersion = '1';

const problemAnswer = {
  description: 'A problem (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

/** Has a server collect its routes into a document. */
async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Wombat',
        version: apiVersion,
        description: 'Runs Erlang releases as proven clusters on any mix of clouds.',
      },
      components: {
        schemas: componentSchemas(),
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      },
      security: [{ bearer: [] }],
    },
  });
}

/** One endpoint's entry. */
function describeEndpoint(endpoint: Endpoint): FastifySchema {
  const { operation, summary, params, query, body, takes, open } = endpoint;
  return {
    operationId: operation,
    summary,
    tags: [endpoint.path.split('/')[1] ?? ''],
    ...(open === true ? { security: [] } : {}),
    ...(params === undefined ? {} : { params: jsonSchemaOf(params) }),
    ...(query === undefined ? {} : { querystring: jsonSchemaOf(query) }),
    ...(body === undefined ? {} : { body: jsonSchemaOf(body) }),
    ...headersOf(endpoint),
    ...(takes === undefined ? {} : { consumes: [takes], body: { type: 'string', format: 'binary' } }),
    response: responses(endpoint),
  };
}

/** What may be sent besides: a change under a key and a condition, a question by who has an answer already. */
function headersOf({ method, subject, pages, answer }: Endpoint): { headers?: JsonSchema } {
  const key = header('once under this key: sent again within a day, it gets the answer of the first time');
  const match = header('the ETag under which it was read: refused (412) when it is another one by now');
  const noneMatch = header('the ETag of an answer that one has: 304 when it is still the same');
  const changing = { 'Idempotency-Key': key, ...(subject === undefined ? {} : { 'If-Match': match }) };
  const properties = method === 'GET' ? { 'If-None-Match': noneMatch } : changing;
  if (method === 'GET' && (pages === true || answer === undefined)) return {};
  return { headers: { type: 'object', properties } };
}

function header(description: string): JsonSchema {
  return { type: 'string', description };
}

function responses({ answer, status, streams = [], creates }: Endpoint): Readonly<Record<string, JsonSchema>> {
  const content = {
    ...(answer === undefined ? {} : { 'application/json': { schema: jsonSchemaOf(answer) } }),
    ...Object.fromEntries(streams.map((type) => [type, { schema: { type: 'string' } }])),
  };
  const nothing = Object.keys(content).length === 0;
  const success = nothing ? { description: 'Done', type: 'null' } : { description: 'Done', content };
  const created = { ...success, description: 'Made anew' };
  return {
    [String(status ?? (nothing ? 204 : 200))]: success,
    ...(creates === true ? { 201: created } : {}),
    default: problemAnswer,
  };
}

/**
 * The document as text, for whoever asks the API, for the reference and for the client's types. It is made by a server of
 * its own that answers nothing: the one that serves starts without the work of describing itself.
 */
export function openApiDocument(): Promise<string> {
  return (made ??= make());
}

let made: Promise<string> | undefined;

async function make(): Promise<string> {
  const app = fastify({ logger: false });
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  await describeApi(app);
  for (const endpoint of endpoints)
    app.route({
      method: endpoint.method,
      url: urlOf(endpoint),
      schema: describeEndpoint(endpoint),
      handler: () => undefined,
    });
  await app.ready();
  return `${JSON.stringify(app.swagger(), undefined, 2)}\n`;
}
