import { expect, test } from 'vitest';
import { digestOf, layoutOf, nodeFolder, releaseFolder } from './layout.ts';

test('two control planes have folders of their own below one directory', () => {
  expect(layoutOf('~/.wombat', 'cp-1').base).toBe(`"$HOME"/'.wombat'/'cp-1'`);
  expect(layoutOf('/srv/it is', 'cp-2')).toEqual({
    parent: "'/srv/it is'",
    base: "'/srv/it is'/'cp-2'",
    owner: 'cp-2',
  });
});

test('a digest and its folder lead to each other', () => {
  const digest = `sha256:${'0a'.repeat(32)}`;
  const folder = releaseFolder(digest);
  expect(folder).not.toContain(':');
  expect(digestOf(folder.replace('releases/', ''))).toBe(digest);
});

test.each(['..', 'a/b', '', '.hidden', 'a b', '$(id)'])('the id %j is no folder', (id) => {
  expect(() => nodeFolder(id)).toThrow('cannot be a folder');
});
