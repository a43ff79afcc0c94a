/** A node in words: what it is doing, whether that is well, and why not. Pure. */
import { age, durationText } from './quantity.ts';
import { harmless, hanging } from './text.ts';
import { troubleOf } from '../model/node.ts';
import type { Node } from '../model/node.ts';
import type { Page } from './failure-text.ts';

/** `good`: as wished and still. `busy`: on its way. `bad`: needs a person's eye. */
export type NodeHealth = 'good' | 'busy' | 'bad';

/** How a node is. One that was stopped on purpose is well. */
export function nodeHealth(node: Node): NodeHealth {
  const { phase } = node.state;
  if (troubleOf(node) !== null) return 'bad';
  if (phase === 'running' && node.desired === 'running') return 'good';
  return phase === 'stopped' && node.desired === 'stopped' ? 'good' : 'busy';
}

/** One sentence on why a node is where it is; empty where its phase says it all. */
export function nodeWhy(node: Node, nowMs: number): string {
  const { state } = node;
  if (state.phase === 'waiting' || state.phase === 'started') return state.why;
  if (state.phase !== 'failed') return '';
  const wait = Date.parse(state.retryAt) - nowMs;
  return `${state.why} (${failuresText(node)}, ${wait > 0 ? `next try in ${durationText(wait)}` : 'tried again now'})`;
}

function failuresText(node: Node): string {
  return node.failures <= 1 ? 'failed once' : `failed ${node.failures} times`;
}

/** `12s`, `3m`: how long the node has been in its phase. */
export function nodeSince(node: Node, nowMs: number): string {
  return age('since' in node.state ? node.state.since : node.createdAt, nowMs);
}

/** How many of a node's last log lines a report shows. */
const logLinesShown = 8;

/** What a report says of a failed node: why, its last log lines, and the command that shows more. */
export function failedNodeLines(node: Node, page: Page, nowMs: number): string[] {
  const { paint } = page;
  const lines = [
    `${paint.bad('✗')} ${paint.strong(node.name)}  ${node.state.phase} ${nodeSince(node, nowMs)}`,
    ...hanging('    ', nodeWhy(node, nowMs), page.width),
  ];
  if (node.state.phase !== 'failed') return lines;
  const log = node.state.log.slice(-logLinesShown).map((line) => `    ${paint.dim('|')} ${harmless(line)}`.trimEnd());
  return [...lines, ...log];
}

/** `colony-3`: what a person types for a node. */
export function shortName(node: Node): string {
  return `${node.family}-${node.ordinal}`;
}
