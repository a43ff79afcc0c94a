/** Parameters that several endpoints share. */
import { z } from 'zod';
import { FamilyName, Name } from '../model/name.ts';
import type { Asked } from '../model/operation.ts';
import type { Caller } from './caller.ts';

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

/** For everything that goes on after its answer. */
export const OperationQuery = z.object({
  deadline: z.coerce
    .number()
    .int()
    .min(1)
    .max(2_592_000)
    .optional()
    .describe('seconds after which the operation has failed if it has not ended; 3600 when absent'),
  rollBack: z
    .enum(['true', 'false'])
    .default('false')
    .describe('whether what was done is taken back when the deadline passes'),
});

/** Who asks for something that takes time, and how long it may take. */
export function askedBy({ name }: Caller, { deadline, rollBack }: z.output<typeof OperationQuery>): Asked {
  return { by: name, rollBack: rollBack === 'true', deadlineMs: deadline === undefined ? undefined : deadline * 1_000 };
}

export const BlueprintQuery = z.object({ blueprint: Name.optional().describe('only what belongs to that blueprint') });
