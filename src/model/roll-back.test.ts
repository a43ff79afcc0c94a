import { expect, test } from 'vitest';
import { sampleDigest, sampleDocument } from '../../test/kit/records.ts';
import type { BlueprintDocument } from './blueprint.ts';
import { withFormer } from './roll-back.ts';

const other = `sha256:${'b'.repeat(64)}`;
const tour = (value: string) => ({ env: { TOUR: value } });

/** Three families: two that share a release, one of its own. */
function document(digest: string, over: Partial<BlueprintDocument['families']> = {}): BlueprintDocument {
  return {
    ...sampleDocument(),
    releases: { ants: { digest }, web: { digest: sampleDigest } },
    families: {
      colony: { release: 'ants', nodes: 2 },
      master: { release: 'ants', nodes: 1 },
      web: { release: 'web', nodes: 3 },
      ...(over as BlueprintDocument['families']),
    },
  };
}

test('a family returns to its former release and configuration, and keeps its number of nodes', () => {
  const former = document(sampleDigest, { web: { release: 'web', nodes: 3, config: tour('1') } });
  const present = document(sampleDigest, { web: { release: 'web', nodes: 5, config: tour('2') } });
  expect(withFormer(present, former, ['web']).families['web']).toEqual({
    release: 'web',
    nodes: 5,
    config: tour('1'),
  });
});

test('families that share the release that returns go with it, others stay', () => {
  const former = document(sampleDigest);
  const present = document(other, {
    master: { release: 'ants', nodes: 1, config: tour('2') },
    web: { release: 'web', nodes: 3, config: tour('2') },
  });
  const back = withFormer(present, former, ['colony']);
  expect(back.releases).toEqual(former.releases);
  expect(back.families['master']).toEqual(former.families['master']);
  expect(back.families['web']).toEqual(present.families['web']);
});

test('without another release, families that share it stay', () => {
  const former = document(sampleDigest);
  const present = document(sampleDigest, {
    master: { release: 'ants', nodes: 1, config: tour('2') },
    colony: { release: 'ants', nodes: 2, config: tour('2') },
  });
  expect(withFormer(present, former, ['colony']).families['master']?.config).toEqual(tour('2'));
});

test('a family that was not there before stays as it is', () => {
  const { web: _, ...rest } = document(sampleDigest).families;
  const present = document(sampleDigest);
  expect(withFormer(present, { ...present, families: rest }, ['web'])).toEqual(present);
});
