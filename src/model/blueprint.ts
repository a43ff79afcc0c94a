/** Blueprint: what the user wants, one revision after another. */
import { z } from 'zod';
import { DomainDefinition } from './domain.ts';
import { FamilyDefinition } from './family.ts';
import { FamilyName, Name, Timestamp } from './name.ts';
import { ProviderDefinition } from './provider.ts';
import { ReleaseReference } from './release.ts';

const Quota = {
  machines: z.int().min(0).optional().describe('machines at the most'),
  cores: z.number().min(0).optional().describe('cores of all machines together'),
  costPerHour: z.number().min(0).optional().describe('price of an hour of all machines together'),
};

/** What the blueprint's machines may take and cost together, here and at each provider and domain. */
export const Limits = z.strictObject({
  ...Quota,
  providers: z.record(Name, z.strictObject(Quota)).optional(),
  domains: z.record(Name, z.strictObject(Quota)).optional(),
});
export type Limits = z.infer<typeof Limits>;

/** What placements can be better or worse at. */
export const objectives = ['spread', 'consolidate', 'prefer', 'cost'] as const;
const Objective = z.enum(objectives);
export type Objective = z.infer<typeof Objective>;

/** The file, word for word: what it says and nothing that was guessed. */
export const BlueprintDocument = z.strictObject({
  wombat: z.literal(1).describe('version of this format'),
  name: Name,
  epmdPort: z.int().min(1024).max(65535).optional().describe('port of epmd on every host; 4369 when absent'),
  providers: z.record(Name, ProviderDefinition).optional(),
  domains: z
    .record(Name, DomainDefinition)
    .optional()
    .describe('a provider of which no domain is declared has one of its own name'),
  releases: z.record(Name, ReleaseReference),
  limits: Limits.optional(),
  licences: z.record(Name, z.int().min(0)).optional().describe('how many of each licence there are'),
  reserved: z.record(z.string(), z.array(FamilyName)).optional().describe('hosts that only these families may use'),
  oneOf: z
    .array(z.array(FamilyName).min(2))
    .optional()
    .describe('alternative families: of each list exactly one has nodes'),
  optimise: z
    .array(Objective)
    .min(1)
    .optional()
    .describe('what counts first, second and so on: spread, consolidate, prefer, cost; in this order when absent'),
  families: z.record(FamilyName, FamilyDefinition),
});
export type BlueprintDocument = z.infer<typeof BlueprintDocument>;

/** One revision, kept for good. `number` counts from 1. */
export const Revision = z.object({
  blueprint: Name,
  number: z.int(),
  document: BlueprintDocument,
  createdAt: Timestamp,
  /** what made it, e.g. `apply`, `family scale colony 8` */
  cause: z.string(),
  /** name of the token with which it was adopted; absent where a node was terminated */
  by: z.string().optional(),
});
export type Revision = z.infer<typeof Revision>;
