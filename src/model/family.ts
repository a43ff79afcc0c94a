/** Node family: nodes that run one release and are managed as one unit. */
import { z } from 'zod';
import { Mesh, Strategy } from './bootstrap.ts';
import { AttributeName } from './capability.ts';
import { FamilyName, FamilyReference, Name } from './name.ts';
import { UpdatePolicy } from './update.ts';

/** Levels of location, nearest first. */
export const locationLevels = ['host', 'zone', 'region', 'provider'] as const;
export const LocationLevel = z.enum(locationLevels);
export type LocationLevel = z.infer<typeof LocationLevel>;

const Most = z.int().min(1).optional();
const Least = z.int().min(2).optional();

/** Where the family's nodes stand to each other and to other families. */
export const PlaceRules = z.strictObject({
  apart: LocationLevel.optional().describe('no two nodes of the family share that'),
  apartFrom: z
    .record(FamilyName, LocationLevel)
    .optional()
    .describe('no node of the family shares that with a node of the other family'),
  together: LocationLevel.optional().describe('all nodes of the family share that'),
  near: z
    .strictObject({ family: FamilyName, within: LocationLevel })
    .optional()
    .describe('each node shares that with some node of the other family'),
  most: z
    .strictObject({ host: Most, zone: Most, region: Most, provider: Most })
    .optional()
    .describe('at most so many nodes of the family on each host, in each zone, region, at each provider'),
  least: z
    .strictObject({ host: Least, zone: Least, region: Least, provider: Least })
    .optional()
    .describe('on at least so many different hosts, zones, regions, providers: two survive the loss of one'),
  spread: z
    .strictObject({
      over: LocationLevel,
      shares: z
        .record(z.string(), z.number().positive())
        .optional()
        .describe('how much each should have, in proportion to the others: `{ aws: 60, rack: 40 }`; equal when absent'),
    })
    .optional()
    .describe('as evenly as possible over those'),
  consolidate: LocationLevel.optional().describe('on as few of those as will do'),
  pinned: z.array(z.string()).min(1).optional().describe('hosts, each of which must have a node of the family'),
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
  anyOf: z.array(z.string()).min(1).optional().describe('demands of which one at least must hold'),
  ordered: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('demands of which one must hold, and rather an earlier one than a later one'),
  prefer: z
    .array(
      z.strictObject({
        that: z.string(),
        weight: z.int().min(-100).max(100),
        priority: z.int().min(1).max(9).optional().describe('1 counts before all of 2, and so on; 5 when absent'),
      }),
    )
    .optional()
    .describe('demands that count for or against, but need not hold'),
  uses: z
    .record(AttributeName, z.union([z.number().positive(), z.string()]))
    .optional()
    .describe('what each node takes of its host, which must have that much left: `{ cores: 2, memory: 512M }`'),
  serves: z
    .record(FamilyName, z.union([z.number().positive(), z.string()]))
    .optional()
    .describe(
      'how many nodes of another family one node can serve: 7, or 3/2; more nodes are made where these need them',
    ),
  mostNodes: z.int().min(1).optional().describe('never more nodes than that, whatever they are to serve'),
  licences: z.array(Name).optional().describe("what each node takes one of: the blueprint's licences"),
  place: PlaceRules.optional(),
  mesh: Mesh.optional().describe('the same for all families that are linked; full when absent'),
  bootstrap: z
    .strictObject({ within: Strategy.optional(), with: z.record(FamilyReference, Strategy).optional() })
    .optional()
    .describe('within: distributed_erlang with one random peer when absent'),
  config: NodeConfiguration.optional(),
  firewall: z
    .array(
      z.strictObject({
        ports: z
          .union([z.int(), z.string().regex(/^\d{1,5}-\d{1,5}$/, 'ports look like 8080 or 8000-8099')])
          .describe('TCP port, or the first and the last of several: 8080, 8000-8099'),
        from: z
          .array(z.string())
          .min(1)
          .describe('who may connect: families, address blocks like 192.0.2.0/24, or `world`, which is everybody'),
      }),
    )
    .optional()
    .describe(
      'what others may connect to on machines with nodes of the family, where their provider has a firewall; what linked families need for Erlang distribution is open without being said',
    ),
  hooks: z
    .strictObject({
      beforeStop: z.string().optional().describe('Erlang call on the node before it is stopped: module:function()'),
    })
    .optional(),
  update: UpdatePolicy.optional().describe('how running nodes are brought to another version of the family'),
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
