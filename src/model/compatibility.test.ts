import { expect, test } from 'vitest';
import type { BlueprintDocument } from './blueprint.ts';
import { incompatibility } from './compatibility.ts';
import type { Inspected } from './compatibility.ts';

const linked: BlueprintDocument = {
  wombat: 1,
  name: 'shop',
  releases: { old: { name: 'old', version: '1' }, new: { name: 'new', version: '2' } },
  families: {
    db: { release: 'old', nodes: 1 },
    web: { release: 'new', nodes: 2, bootstrap: { with: { db: { select: 'all', action: 'distributed_erlang' } } } },
  },
};

const on = (old: string | null, latest: string | null): Inspected[] => [
  { name: 'old', inspection: { kind: 'systools', otp: old } },
  { name: 'new', inspection: { kind: 'relx', otp: latest } },
];

test.each([
  ['25', '25'],
  ['25', '27'],
  ['27', '25'],
  [null, '27'],
])('OTP %s and %s are let through', (old, latest) => {
  expect(incompatibility(linked, on(old, latest))).toBeNull();
});

test('OTP majors too far apart are refused by name, when their families are linked', () => {
  const why = incompatibility(linked, on('24', '27'));
  expect(why).toContain('family db (release old, OTP 24) and family web (release new, OTP 27) are linked');
  const { bootstrap: _, ...web } = linked.families['web']!;
  const apart = { ...linked, families: { ...linked.families, web } };
  expect(incompatibility(apart, on('24', '27'))).toBeNull();
});

test('so are nodes that run now, where they would meet new ones', () => {
  const node = (ordinal: number, otp: string | null) => ({ name: `web-${ordinal}@h`, family: 'web', otp });
  const why = incompatibility(linked, on('27', '27'), [node(1, '24'), node(2, '24')]);
  expect(why).toContain('node web-1@h, which runs on OTP 24 now and family');
  expect(incompatibility(linked, on('27', '27'), [node(1, '25'), node(2, null)])).toBeNull();
  expect(incompatibility(linked, on('27', '27'), [node(1, '24')])).toBeNull();
});

test('what is no OTP release needs commands', () => {
  const foreign: Inspected[] = [{ name: 'old', inspection: { kind: 'commands', otp: null } }];
  expect(incompatibility(linked, foreign)).toContain('release old is no OTP release');
  const commands = { start: 'exec it', probe: 'true' };
  const declared = { ...linked, releases: { ...linked.releases, old: { name: 'old', version: '1', commands } } };
  expect(incompatibility(declared, foreign)).toBeNull();
});

test('nodes of another blueprint that are linked with a family must fit, even one alone', () => {
  const gateway = { name: 'gateway-1@h', family: 'web', otp: '24', linked: true };
  expect(incompatibility(linked, on('27', '27'), [gateway])).toContain(
    'node gateway-1@h, which runs on OTP 24 now and',
  );
  expect(incompatibility(linked, on('26', '26'), [gateway])).toBeNull();
});
