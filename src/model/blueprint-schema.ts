/** The blueprint's JSON Schema (draft 2020-12): editors complete and check blueprints with it. */
import { z } from 'zod';
import { BlueprintDocument } from './blueprint.ts';

/** A JSON Schema as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The schema of a blueprint file. */
export function blueprintJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(BlueprintDocument, { io: 'input', target: 'draft-2020-12' });
  return { title: 'Wombat blueprint', ...schema };
}
