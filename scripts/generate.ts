/** Files derived from the schemas: checked in, and proven fresh by the check. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openApiDocument } from '../src/api/api.ts';
import { blueprintJsonSchema } from '../src/model/blueprint-schema.ts';
import { clientTypes } from './client-types.ts';
import { root } from './run.ts';

/** Every generated file: its path and how its text is made. */
const generated: readonly { readonly path: string; text(): Promise<string> | string }[] = [
  { path: 'docs/reference/blueprint.schema.json', text: () => `${JSON.stringify(blueprintJsonSchema(), null, 2)}\n` },
  { path: 'docs/reference/openapi.json', text: async () => `${(await openApiDocument()).trimEnd()}\n` },
  { path: 'src/client/generated.ts', text: clientTypes },
];

function present(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
}

/** The generated files that are not what they would be made as now. */
export async function staleFiles(): Promise<string[]> {
  const stale: string[] = [];
  for (const { path, text } of generated) {
    if (present(path) !== (await text())) stale.push(`${path} is stale: run npm run generate`);
  }
  return stale;
}

async function generateAll(): Promise<void> {
  for (const { path, text } of generated) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), await text());
    process.stdout.write(`${path}\n`);
  }
}

if (import.meta.main) await generateAll();
