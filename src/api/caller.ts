/** Who asks, and what of a list is theirs to see. */
import type { Role } from '../model/access.ts';

/** Who asks. */
export interface Caller {
  /** the token's name */
  readonly name: string;
  readonly role: Role;
  /** null: all */
  readonly blueprints: readonly string[] | null;
}

/** Whether a caller may see what belongs to a blueprint; what belongs to none is everybody's. */
export function sees({ blueprints }: Caller, blueprint: string | null): boolean {
  return blueprint === null || blueprints === null || blueprints.includes(blueprint);
}

/** Selects from the store what belongs to the caller's blueprints. */
export function ownOnly({ blueprints }: Caller): { blueprints?: readonly string[] } {
  return blueprints === null ? {} : { blueprints };
}
