/** The client's types, from the OpenAPI document. */
import openapiTs, { astToString } from 'openapi-typescript';
import type { OpenAPI3 } from 'openapi-typescript';
import ts from 'typescript';
import { openApiDocument } from '../src/api/api.ts';

/** `src/client/generated.ts`, as it would be made now. */
export async function clientTypes(): Promise<string> {
  const document = JSON.parse(await openApiDocument()) as OpenAPI3;
  const types = await openapiTs(document, {
    transform: (_, { path }) => (path === jsonPath ? jsonReference : undefined),
  });
  return `${head}\n${astToString(types).replaceAll(empty, '').trimEnd()}\n`;
}

/** A member of an interface cannot be recursive by itself (TS2502), a named type can. */
const jsonPath = '#/components/schemas/Json';
const jsonReference = ts.factory.createTypeReferenceNode('Json');

/** Exports that say nothing here: the document has no webhooks and no definitions of its own. */
const empty = /^export type \S+ = Record<string, never>;\n/gm;

const head = `/** Made by scripts/generate.ts from the OpenAPI document: not edited by hand. */
type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
`;
