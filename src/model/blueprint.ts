/** Blueprint: what the user wants, one revision after another. */
import { z } from 'zod';
import { DomainDefinition } from './domain.ts';
import { FamilyDefinition } from './family.ts';
import { FamilyName, Name, Timestamp } from './name.ts';
import { ProviderDefinition } from './provider.ts';
import { ReleaseReference } from './release.ts';

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
});
export type Revision = z.infer<typeof Revision>;
