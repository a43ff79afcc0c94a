/** The blueprint's JSON Schema (draft 2020-12): editors complete and check blueprints with it, and so do we name keys. */
import { z } from 'zod';
import { BlueprintDocument } from './blueprint.ts';
import { valueAt } from './document-path.ts';
import type { DocumentPath } from './document-path.ts';

/** A JSON Schema as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The schema of a blueprint file. */
export function blueprintJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(BlueprintDocument, { io: 'input', target: 'draft-2020-12' });
  return { title: 'Wombat blueprint', ...schema };
}

/** The keys that a mapping at `path` may have. In a union, those of the members that the data's own `kind` leaves. */
export function knownKeys(data: unknown, path: DocumentPath): string[] {
  let schemas: readonly JsonSchema[] = [blueprintJsonSchema()];
  for (const [at, key] of path.entries())
    schemas = schemas.flatMap((schema) => members(schema, valueAt(data, path.slice(0, at)))).flatMap(stepInto(key));
  const reached = schemas.flatMap((schema) => members(schema, valueAt(data, path)));
  return [...new Set(reached.flatMap((schema) => Object.keys(recordIn(schema, 'properties') ?? {})))];
}

function stepInto(key: string | number): (schema: JsonSchema) => JsonSchema[] {
  return (schema) => {
    const name = typeof key === 'number' ? 'items' : 'additionalProperties';
    const next = recordIn(recordIn(schema, 'properties'), String(key)) ?? recordIn(schema, name);
    return next === undefined ? [] : [next];
  };
}

/** The members of a union that the value may mean; a schema that is no union stands for itself. */
function members(schema: JsonSchema, value: unknown): readonly JsonSchema[] {
  const union = (schema['oneOf'] ?? schema['anyOf']) as readonly JsonSchema[] | undefined;
  const kind = valueAt(value, ['kind']);
  return (union ?? [schema]).filter((member) => {
    const wanted = recordIn(recordIn(member, 'properties'), 'kind')?.['const'];
    return kind === undefined || wanted === undefined || wanted === kind;
  });
}

function recordIn(schema: JsonSchema | undefined, key: string): JsonSchema | undefined {
  const value = schema?.[key];
  return typeof value === 'object' && value !== null ? (value as JsonSchema) : undefined;
}
