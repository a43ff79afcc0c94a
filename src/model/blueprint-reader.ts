/** Reads a blueprint file: text in, a document or every fault with its line, its column and what to write instead. */
import { BlueprintDocument } from './blueprint.ts';
import { findingsOf } from './blueprint-issues.ts';
import { readSource } from './blueprint-source.ts';
import { placed } from './document-path.ts';
import type { Locate } from './document-path.ts';
import type { InputFault } from './problem.ts';

/** A blueprint that was read, with the way back into its text; or what is wrong with it, in the order of the text. */
export type BlueprintReading =
  | { readonly ok: true; readonly document: BlueprintDocument; readonly locate: Locate }
  | { readonly ok: false; readonly faults: readonly InputFault[] };

/**
 * Reads the text of the blueprint `file` (a name for people). Names inside the document are not looked up here: see
 * `checkReferences`. Never throws.
 */
export function readBlueprint(text: string, file: string): BlueprintReading {
  const { data, locate, faults } = readSource(text);
  if (faults.length > 0) return { ok: false, faults };
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return { ok: false, faults: [noMapping(file)] };
  const parsed = BlueprintDocument.safeParse(data);
  if (parsed.success) return { ok: true, document: parsed.data, locate };
  return { ok: false, faults: placed(findingsOf(parsed.error.issues, data), locate) };
}

function noMapping(file: string): InputFault {
  const hint = 'a blueprint starts with "wombat: 1" and "name: …"; "wombat init" writes one';
  return { path: '', line: 1, column: 1, message: `${file} is no blueprint: a mapping is expected`, hint };
}
