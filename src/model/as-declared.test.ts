import { describe, expect, test } from 'vitest';
import * as sample from '../../test/kit/records.ts';
import type { BlueprintDocument } from './blueprint.ts';
import type { FamilyDefinition } from './family.ts';
import type { NodeSpecification } from './node.ts';
import { declaredBy } from './as-declared.ts';

const { specification } = sample.sampleNode(1);
const document = sample.sampleDocument();

function judged(
  family: Partial<FamilyDefinition>,
  had: Partial<NodeSpecification>,
  over: Partial<BlueprintDocument> = {},
) {
  const families = { colony: { release: 'ants', nodes: 2, ...family } };
  const node = sample.sampleNode(1, { specification: { ...specification, ...had } });
  return declaredBy({ ...document, families, ...over }, [sample.sampleRelease()])(node);
}

const named = (version: string) => ({ releases: { ants: { name: 'ants', version } } });

describe('a node is as its family declares it', () => {
  test.each([
    ['when nothing differs', judged({}, {})],
    [
      'whatever the order of keys',
      judged({ config: { env: { A: '1', B: '2' } } }, { config: { env: { B: '2', A: '1' } } }),
    ],
    [
      'where the document leaves open what the planner chose',
      judged({}, { stopSeconds: 7, bootSeconds: 8, epmdPort: 4444 }),
    ],
    ['when the release of that name and version is its archive', judged({}, {}, named('1.0.0'))],
    ['when its release is a file of any content', judged({}, {}, { releases: { ants: { file: 'ants.tgz' } } })],
  ])('%s', (_, is) => expect(is).toBe(true));

  test.each([
    ['another configuration', judged({ config: { env: { A: '1' } } }, { config: { env: { A: '2' } } })],
    ['other commands', judged({}, { commands: { start: 'exec it', probe: 'true' } })],
    ['another archive', judged({}, { digest: `sha256:${'b'.repeat(64)}` })],
    ['another version', judged({}, {}, named('2.0.0'))],
    ['another release', judged({ release: 'bees' }, {})],
    ['another mesh', judged({ mesh: 'selected' }, { mesh: 'full' })],
    ['another component', judged({}, { component: 'master' })],
    ['another hook', judged({ hooks: { beforeStop: 'ants:drain()' } }, { beforeStop: null })],
    ['another time to stop', judged({ stopSeconds: 10 }, { stopSeconds: 30 })],
    ['another time to boot', judged({ bootSeconds: 10 }, { bootSeconds: 60 })],
    ['another port of epmd', judged({}, { epmdPort: 4369 }, { epmdPort: 4370 })],
    ['no such family', judged({}, {}, { families: {} })],
  ])('but not with %s', (_, is) => expect(is).toBe(false));
});
