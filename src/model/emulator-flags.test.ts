import { expect, test } from 'vitest';
import { ourFlagsIn } from './emulator-flags.ts';
import { ourVariablesIn } from './release-environment.ts';

test('flags of ours in a vm.args file, comments left aside', () => {
  expect(ourFlagsIn('-sname shop\n# -name x\n+P 1000 -setcookie a #-heart\n-naming x')).toEqual([
    '-sname',
    '-setcookie',
  ]);
});

test('variables of ours in an env.sh', () => {
  const script = '#!/bin/sh\n# export RELEASE_TMP=/x\nexport RELEASE_NODE=a@b\n  RELEASE_COOKIE=c\nexport MINE=1\n';
  expect(ourVariablesIn(script)).toEqual(['RELEASE_NODE', 'RELEASE_COOKIE']);
});
