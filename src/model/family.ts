/** Node family: nodes that run one release and are managed as one unit. */
import { z } from 'zod';
import { Mesh, Strategy } from './bootstrap.ts';
import { FamilyName, FamilyReference, Name } from './name.ts';

/** Levels of location, nearest first. */
export const locationLevels = ['host', 'zone', 'region', 'provider'] as const;
export const LocationLevel = z.enum(locationLevels);
export type LocationLevel = z.infer<typeof LocationLevel>;

/** Where the family's nodes stand to each other and to other families. */
export const PlaceRules = z.strictObject({
  apart: LocationLevel.optional().describe('no two nodes of the family share that'),
  together: LocationLevel.optional().describe('all nodes of the family share that'),
  near: z
    .strictObject({ family: FamilyName, within: LocationLevel })
    .optional()
    .describe('each node shares that with some node of the other family'),
  spread: z.strictObject({ over: LocationLevel }).optional().describe('as evenly as possible over those'),
  consolidate: LocationLevel.optional().describe('on as few of those as will do'),
});
export type PlaceRules = z.infer<typeof PlaceRules>;

/** Settings of the Erlang nodes themselves. What would break naming, cookies or supervision is left out and reported. */
export const NodeConfiguration = z.strictObject({
  env: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable is made of letters, digits and _'),
      z.string(),
    )
    .optional()
    .describe('environment variables'),
  sysConfig: z
    .record(z.string(), z.record(z.string(), z.json()))
    .optional()
    .describe(
      "application -> parameter -> value, over the release's own sys.config. Text that looks like a plain atom (master, a@b) " +
        'is one, other text is a string, null is undefined, a mapping is a property list; {atom: …}, {string: …}, ' +
        '{binary: …}, {float: …}, {tuple: […]} and {map: {…}} say the type',
    ),
  vmArgs: z
    .array(z.string())
    .optional()
    .describe("emulator flags, one argument an element, added behind the release's own"),
});
export type NodeConfiguration = z.infer<typeof NodeConfiguration>;

export const FamilyDefinition = z.strictObject({
  release: Name,
  nodes: z.int().min(0).max(100_000),
  demands: z
    .array(z.string())
    .optional()
    .describe('each must hold: attribute, operator, value: `cores >= 2`, `country in [SE, FI]`'),
  prefer: z
    .array(z.strictObject({ that: z.string(), weight: z.int().min(-100).max(100) }))
    .optional()
    .describe('demands that count for or against, but need not hold'),
  place: PlaceRules.optional(),
  mesh: Mesh.optional().describe('the same for all families that are linked; full when absent'),
  bootstrap: z
    .strictObject({ within: Strategy.optional(), with: z.record(FamilyReference, Strategy).optional() })
    .optional()
    .describe('within: distributed_erlang with one random peer when absent'),
  config: NodeConfiguration.optional(),
  hooks: z
    .strictObject({
      beforeStop: z.string().optional().describe('Erlang call on the node before it is stopped: module:function()'),
    })
    .optional(),
  update: z
    .strictObject({ parallel: z.int().min(1).optional(), minHealthySeconds: z.int().min(0).optional() })
    .optional()
    .describe('how running nodes are changed: that many at a time (1), each healthy for so long (5) before the next'),
  keepName: z
    .boolean()
    .optional()
    .describe('a replaced node keeps its name, because its data needs it; false when absent'),
  stopSeconds: z
    .int()
    .min(1)
    .max(3600)
    .optional()
    .describe('how long a node may take to stop before it is ended by force; 30 when absent'),
  bootSeconds: z
    .int()
    .min(1)
    .max(3600)
    .optional()
    .describe('how long a node may take to answer after its start; 60 when absent'),
});
export type FamilyDefinition = z.infer<typeof FamilyDefinition>;
