/** Which kinds of constraint and wish a blueprint has: what comparisons with other solvers are counted by. */
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { FamilyDefinition } from '../../src/model/family.ts';

const familyWords = ['demands', 'anyOf', 'ordered', 'prefer', 'uses', 'serves', 'licences'] as const;

/** The kinds, each once. */
export function kindsOf({ limits, reserved, oneOf, optimise, families }: BlueprintDocument): Set<string> {
  return new Set([
    ...Object.keys(limits ?? {}).map((key) => `limits ${key}`),
    ...(reserved === undefined ? [] : ['reserved']),
    ...(oneOf === undefined ? [] : ['oneOf']),
    `optimise ${(optimise ?? []).join(', ')}`,
    ...Object.values(families).flatMap(kindsOfFamily),
  ]);
}

function kindsOfFamily(family: FamilyDefinition): string[] {
  const { place = {}, prefer = [] } = family;
  return [
    ...familyWords.filter((word) => family[word] !== undefined),
    ...Object.keys(place),
    ...(place.spread?.shares === undefined ? [] : ['spread shares']),
    ...(prefer.some(({ priority }) => priority !== undefined) ? ['priority'] : []),
  ];
}
