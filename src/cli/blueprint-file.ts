/** A blueprint from a file or from standard input, checked before anything is sent: faults name line and column. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { readBlueprint } from '../model/blueprint-reader.ts';
import { checkReferences } from '../model/check-references.ts';
import { nothingKnown } from '../model/check-subject.ts';
import { CliFailure, problemIn } from './failure.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { Known } from '../model/check-subject.ts';
import { linksOf } from '../model/link.ts';
import { parsePath } from '../model/document-path.ts';
import type { Locate } from '../model/document-path.ts';
import type { InputFault } from '../model/problem.ts';
import type { World } from './world.ts';

/** A document and the folder that its paths are relative to. */
export interface BlueprintFile {
  readonly document: BlueprintDocument;
  readonly folder: string;
  readonly file: string;
  /** the line at which something of the document stands */
  lineOf(path: string): number | null;
}

/**
 * Reads and checks a blueprint, without a control plane where the file says all there is to know. CliFailure invalid
 * with every fault found.
 */
export async function readBlueprintFile(world: World, file: string): Promise<BlueprintFile> {
  const { workingDirectory } = world.environment;
  const name = file === '-' ? '<stdin>' : file;
  const source = { file: name, text: file === '-' ? await text(process.stdin) : await read(workingDirectory, file) };
  world.reading(source);
  const reading = readBlueprint(source.text, name);
  if (!reading.ok) throw invalid(name, reading.faults);
  const faults = await wrongReferences(world, reading.document, reading.locate);
  if (faults.length > 0) throw invalid(name, faults);
  const folder = file === '-' ? workingDirectory : dirname(resolve(workingDirectory, file));
  const lineOf = (path: string) => reading.locate(parsePath(path))?.line ?? null;
  return { document: reading.document, folder, file: name, lineOf };
}

/**
 * A name that the file does not declare may be registered, and a blueprint that it links to may be there: only then somebody
 * is asked, if anybody answers.
 */
async function wrongReferences(world: World, document: BlueprintDocument, locate: Locate): Promise<InputFault[]> {
  const alone = checkReferences(document, nothingKnown, locate);
  if (alone.length === 0 && linksOf(document).length === 0) return alone;
  const known = await registered(world);
  return known === undefined ? alone : checkReferences(document, known, locate);
}

async function registered(world: World): Promise<Known | undefined> {
  try {
    const client = await world.connect();
    const providers = await client.providers.list(world.signal).all();
    const domains = await client.domains.list(world.signal).all();
    const blueprints = (await client.blueprints.list(world.signal).all()).filter(({ head }) => !head.destroying);
    return {
      providers: providers.map((view) => view.provider),
      domains: domains.map((view) => view.domain),
      blueprints: blueprints.map((view) => view.document),
    };
  } catch (error) {
    if (problemIn(error) === undefined) throw error;
    return undefined;
  }
}

function invalid(file: string, faults: readonly InputFault[]): CliFailure {
  return new CliFailure('invalid', 'the blueprint is not valid', { object: file, faults });
}

async function read(folder: string, file: string): Promise<string> {
  try {
    return await readFile(resolve(folder, file), 'utf8');
  } catch (error) {
    throw new CliFailure('invalid', `the blueprint ${file} cannot be read`, {
      words: error instanceof Error ? error.message : null,
      next: 'name the file with -f FILE (- reads standard input), or write a first one with: wombat init',
    });
  }
}
