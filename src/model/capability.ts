/** Capability: an attribute that demands are matched against, declared by a person or found on the thing itself. */
import { z } from 'zod';

/** A plain value. Sizes are written with a unit (`4G`) and compared as bytes. */
export const CapabilityValue = z.union([z.string(), z.number(), z.boolean()]);
export type CapabilityValue = z.infer<typeof CapabilityValue>;

/** Attribute names look like `country`, `gpu_model`, `tier`. */
export const AttributeName = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, 'an attribute name is made of lower-case letters, digits and _');

export const Capabilities = z.record(AttributeName, CapabilityValue);
export type Capabilities = z.infer<typeof Capabilities>;

/**
 * Attributes that every offer has without anybody declaring them: names of where it is, and what was found there.
 * `memory` and `disk` are bytes.
 */
export const automaticCapabilities = [
  'domain',
  'provider',
  'kind',
  'region',
  'zone',
  'host',
  'machine_type',
  'os',
  'arch',
  'cores',
  'memory',
  'disk',
  'libc',
  'price',
  'load',
  'run_queue',
  'memory_free',
  'measured_ago',
] as const;

/**
 * What a machine is doing: its load and run queue, free memory (bytes), and how long ago these were measured (seconds).
 * A machine that is not there yet does nothing.
 */
export const activityCapabilities = ['load', 'run_queue', 'memory_free', 'measured_ago'] as const;

/** Attributes that offers of public clouds have by their region, where the region is known (`cloud/regions.ts`). */
export const regionCapabilities = {
  names: ['country', 'continent', 'latitude', 'longitude'],
  kinds: ['ec2', 'rackspace', 'hetzner', 'digitalocean'],
} as const;

/** Attributes that change by themselves: a node that found a place does not lose it over them. */
export const dynamicCapabilities: readonly string[] = ['disk', 'price', ...activityCapabilities];
