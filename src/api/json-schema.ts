/**
 * JSON Schemas (draft 2020-12, which OpenAPI 3.1 speaks) of the model's zod schemas. The nouns become named components;
 * everything else stands where it is used.
 */
import { z } from 'zod';
import { AuditEntry, AuditVerdict, Token, TokenCreated, TokenRequest, TokenRotation } from '../model/access.ts';
import * as bulk from '../model/bulk.ts';
import { BlueprintDocument, Revision } from '../model/blueprint.ts';
import { Strategy } from '../model/bootstrap.ts';
import { Domain, DomainDefinition } from '../model/domain.ts';
import { Event } from '../model/event.ts';
import * as exchange from '../model/exchange.ts';
import { FamilyDefinition } from '../model/family.ts';
import { Head } from '../model/head.ts';
import { Machine, Offer } from '../model/machine.ts';
import { Node, NodeSpecification } from '../model/node.ts';
import { Operation, OperationView } from '../model/operation.ts';
import { Plan, Step } from '../model/plan.ts';
import { Problem } from '../model/problem.ts';
import { Provider, ProviderDefinition } from '../model/provider.ts';
import { Inspection, Release } from '../model/release.ts';
import { CookieRotation, CookieRotationRequest, KeyRotation, KeyRotationRequest, Rotation } from '../model/rotation.ts';
import { Replica } from '../model/replica.ts';
import { Quarantine } from '../model/rollout.ts';
import { RolloutView } from '../model/rollout-view.ts';
import { Alarm, Leftover, ProviderSweep, Stray, StrayView, SweepRequest, SweepView } from '../model/sweep.ts';
import { Task } from '../model/task.ts';
import { Proof, Run } from '../model/topology.ts';

/** A JSON Schema as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const { NodeActed } = exchange;
const { BulkActRequest, BulkRequest, BulkAnswer, BulkOutcome } = bulk;
const { ProviderView, DomainView, FamilyView, FindingView, BlueprintView, BlueprintStatus, TopologyView } = exchange;
const { BriefStatus } = exchange;
const { PlanRequest, ProviderRequest, ScaleRequest, SecretRequest, Adopted, Health, PlanView, EdgeView } = exchange;

/** Schemas that are components of the document, by name. */
const named: Readonly<Record<string, z.ZodType>> = {
  ...{ BlueprintDocument, Revision, Strategy, Domain, DomainDefinition, Event, FamilyDefinition, Head, Machine, Offer },
  ...{ Node, NodeSpecification, Plan, Step, Problem, Provider, ProviderDefinition, Inspection, Release, Proof, Run },
  ...{ ProviderView, DomainView, FamilyView, FindingView, BlueprintView, BlueprintStatus, BriefStatus, TopologyView },
  ...{ PlanRequest, ProviderRequest, ScaleRequest, SecretRequest, Adopted, Health, PlanView, EdgeView },
  ...{ RolloutView, Quarantine, Replica },
  ...{ Alarm, Leftover, ProviderSweep, Stray, StrayView, SweepRequest, SweepView },
  ...{ NodeActed, Operation, OperationView, Task },
  ...{ Token, TokenRequest, TokenCreated, TokenRotation, AuditEntry, AuditVerdict },
  ...{ BulkActRequest, BulkRequest, BulkAnswer, BulkOutcome },
  ...{ Rotation, CookieRotation, CookieRotationRequest, KeyRotation, KeyRotationRequest },
};

const schemaNames = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries(named)) schemaNames.add(schema, { id });

/** Names come from ours, descriptions from the schemas; the bounds of safe integers go without saying. */
const conversion: Parameters<typeof z.toJSONSchema>[1] = {
  metadata: schemaNames,
  io: 'input',
  override({ zodSchema, jsonSchema }) {
    const description = z.globalRegistry.get(zodSchema)?.description;
    if (description !== undefined) jsonSchema.description = description;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  },
};

/** The schema of something that is taken or given; components are referred to. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _schema, $defs: _definitions, ...rest } = z.toJSONSchema(schema, conversion);
  return relocated(rest);
}

/** The components of the document, by name. */
export function componentSchemas(): Readonly<Record<string, JsonSchema>> {
  const { $defs = {} } = z.toJSONSchema(z.object(named), conversion);
  const components = Object.entries($defs).map(
    ([name, schema]) => [componentName(name), relocated(schema as JsonSchema)] as const,
  );
  return Object.fromEntries(components.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The converter numbers what is recursive and has no name: here that is `any JSON value`, and nothing else. */
function componentName(name: string): string {
  return /^__schema\d+$/.test(name) ? 'Json' : name;
}

/** The same schema with its local references turned into references to components, and without zod's own marks. */
function relocated(schema: JsonSchema): JsonSchema {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === 'id' && typeof value === 'string' ? undefined : value,
  );
  const reference = (_: string, name: string) => `"#/components/schemas/${componentName(name)}"`;
  return JSON.parse(text.replaceAll(/"#\/\$defs\/([^"]+)"/g, reference)) as JsonSchema;
}
