/** Parameters that several endpoints share. */
import { z } from 'zod';
import { FamilyName, Name } from '../model/name.ts';

export const NameParameter = z.object({ name: Name });

export const BlueprintParameter = z.object({ blueprint: Name });

export const FamilyParameter = z.object({ blueprint: Name, family: FamilyName });

/** A node's id or Erlang name. */
export const NodeParameter = z.object({
  reference: z.string().min(1).max(512).describe('id or Erlang name of a node'),
});

/** A release's digest, or its name and version. */
export const ReleaseParameter = z.object({
  reference: z.string().min(1).max(512).describe('digest, or name@version, of a release'),
});

export const BlueprintQuery = z.object({ blueprint: Name.optional().describe('only what belongs to that blueprint') });
