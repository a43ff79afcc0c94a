import { describe, expect, test } from 'vitest';
import { endpoints } from './endpoints.ts';
import { openApiDocument } from './open-api-document.ts';

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { operationId: string; security?: unknown; responses: object }>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

const text = await openApiDocument();
const document = JSON.parse(text) as Document;

describe('the OpenAPI document', () => {
  test('has every endpoint once, each with the way its problems look', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${operationId} ${method.toUpperCase()} ${path}`),
    );
    expect(document.openapi).toBe('3.1.0');
    expect(described.sort()).toEqual(
      endpoints.map(({ operation, method, path }) => `${operation} ${method} /api/v1${path}`).sort(),
    );
    expect(new Set(endpoints.map(({ operation }) => operation)).size).toBe(endpoints.length);
    for (const methods of Object.values(document.paths))
      for (const { responses } of Object.values(methods)) expect(responses).toHaveProperty('default');
  });

  test('refers only to components that it has, and has no reference of another document', () => {
    const references = [...text.matchAll(/"\$ref": "([^"]+)"/g)].map(([, reference = '']) => reference);
    expect(references.length).toBeGreaterThan(50);
    for (const reference of references) {
      const [, name = ''] = /^#\/components\/schemas\/(\w+)$/.exec(reference) ?? [];
      expect(Object.keys(document.components.schemas)).toContain(name);
    }
  });

  test('takes what the schemas say: strict bodies, described parameters', () => {
    expect(document.components.schemas['ScaleRequest']).toEqual({
      type: 'object',
      properties: { nodes: { type: 'integer', minimum: 0, maximum: 100_000 } },
      required: ['nodes'],
      additionalProperties: false,
    });
    expect(document.paths['/api/v1/nodes/{reference}']?.['get']).toMatchObject({
      parameters: [
        { in: 'path', name: 'reference', description: 'id or Erlang name of a node' },
        { in: 'header', name: 'If-None-Match', required: false },
      ],
    });
  });

  test('asks for the token everywhere but at health', () => {
    const open = Object.entries(document.paths).filter(([, { get }]) => get?.security !== undefined);
    expect(open.map(([path]) => path)).toEqual(['/api/v1/health']);
  });
});
