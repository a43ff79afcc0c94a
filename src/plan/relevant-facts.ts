/**
 * The facts that a plan rests on, as a text: another text means that the plan is stale. What moves by itself while
 * things go as planned (phases, free disk, ports of our own nodes, times) is left out.
 */
import type { BlueprintDocument } from '../model/blueprint.ts';
import { dynamicCapabilities } from '../model/capability.ts';
import { usableDomains } from '../model/effective-domains.ts';
import { refusedForLong } from '../model/machine.ts';
import type { Machine, Offer } from '../model/machine.ts';
import type { Node } from '../model/node.ts';
import type { Facts } from '../model/plan.ts';
import { stableText } from './specification.ts';

/** Lines in a fixed order, whatever the order of the facts. */
export function relevantFacts(document: BlueprintDocument, facts: Facts): string {
  const domains = usableDomains(document, facts.domains);
  const names = new Set(domains.map(({ name }) => name));
  const machines = facts.machines.filter(({ domain }) => names.has(domain));
  const tokens = new Set(machines.map(({ token }) => token));
  // of other blueprints' nodes only what they take away counts, where this one may be
  const nodes = facts.nodes.filter((node) => node.blueprint === document.name || tokens.has(node.placement.machine));
  const lines = [
    ...domains.map(({ name, definition }) => ['domain', name, definition]),
    ...facts.providers.map(({ name, fault }) => ['provider', name, fault?.code ?? null]),
    ...facts.releases.map(({ name, digest }) => ['release', name, digest]),
    ...facts.offers.filter(({ domain }) => names.has(domain)).map(offerFacts),
    ...machines.map(machineFacts),
    ...nodes.map((node) => nodeFacts(node, document.name)),
  ];
  return lines.map(stableText).sort().join('\n');
}

function offerFacts({ id, attributes, left, fault, pricePerHour }: Offer) {
  // prices count; what else changes by itself does not
  const passing = dynamicCapabilities.filter((name) => name !== 'price');
  const lasting = Object.fromEntries(Object.entries(attributes).filter(([name]) => !passing.includes(name)));
  return ['offer', id, lasting, left === null ? null : left > 0, fault?.code ?? null, pricePerHour];
}

/** Waiting for a machine, booting and ready are one: it will be there. */
function machineFacts(machine: Machine) {
  const { token, offer, state } = machine;
  if (refusedForLong(machine) !== null) return ['machine', token, offer, 'refused'];
  const isComing = state.phase === 'wanted' || state.phase === 'booting' || state.phase === 'ready';
  return ['machine', token, offer, isComing ? 'there' : state.phase];
}

function nodeFacts({ id, blueprint, desired, placement, specification, family, ordinal }: Node, mine: string) {
  const { machine, port, memoryBytes = 0, uses } = placement;
  if (blueprint !== mine) return ['taken', machine, port, memoryBytes, ...(uses === undefined ? [] : [uses])];
  return ['node', id, family, ordinal, desired, placement, specification];
}
