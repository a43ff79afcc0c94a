import { expect, test } from 'vitest';
import { readBlueprint } from './blueprint-reader.ts';
import { checkReferences } from './check-references.ts';
import { nothingKnown } from './check-subject.ts';

const whole = `wombat: 1
name: lights
providers:
  here: { kind: local }
releases:
  beacon:
    file: ./beacon.tar.gz
    version: 1.0.0
    commands:
      start: exec bin/beacon
      probe: { call: "beacon:ready()" }
      status: bin/status
families:
  beacon: { release: beacon, nodes: 2 }
`;

/** The faults after one replacement, each as `line path: message (hint)`. */
function changed(from: string, to: string): string[] {
  expect(whole).toContain(from);
  const read = readBlueprint(whole.replace(from, to), 'lights.yaml');
  const faults = read.ok ? checkReferences(read.document, nothingKnown, read.locate) : read.faults;
  return faults.map(
    ({ line, path, message, hint }) => `${line} ${path}: ${message}${hint === null ? '' : ` (${hint})`}`,
  );
}

test('a release with commands, as it should be', () => {
  expect(changed('nodes: 2', 'nodes: 3')).toEqual([]);
});

test.each([
  [
    'no version',
    '    version: 1.0.0\n',
    '',
    '6 releases.beacon: a release with commands needs a version (version: 3.10.8)',
  ],
  [
    'a version with odd letters',
    '1.0.0',
    '1.0/0',
    '8 releases.beacon.version: "1.0/0": a version is made of letters, digits',
  ],
  ['no start', '      start: exec bin/beacon\n', '', 'start'],
  ['an unknown command', 'status:', 'statsu:', 'unknown key "statsu"'],
  [
    'a probe that is no call',
    'beacon:ready()',
    'beacon ready',
    '11 releases.beacon.commands.probe.call: in "beacon ready"',
  ],
  ['no status for a mesh', '      status: bin/status\n', '', 'mesh: nobody can tell what nodes of "beacon" see'],
  [
    'settings of an emulator that is not ours',
    'nodes: 2',
    'nodes: 2, config: { vmArgs: ["+P", "9"] }',
    'a node that is run by commands takes no vmArgs',
  ],
  [
    'a version without commands',
    whole.slice(whole.indexOf('    commands'), whole.indexOf('families')),
    '',
    'says its version itself',
  ],
])('%s', (_, from, to, words) => {
  expect(changed(from, to).join('\n')).toContain(words);
});

test('nodes of which nobody sees another need no status', () => {
  const without = whole.replace('      status: bin/status\n', '').replace('nodes: 2', 'nodes: 2, mesh: none');
  const read = readBlueprint(without, 'lights.yaml');
  expect(read.ok && checkReferences(read.document, nothingKnown)).toEqual([]);
});
