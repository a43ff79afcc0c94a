/** What the README shows of the blueprint that its tour applies is that blueprint. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('the tour shows the example as it is', () => {
  const blocks = [...readFileSync('README.md', 'utf8').matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => text);
  const example = readFileSync('examples/ants/blueprint.yaml', 'utf8');
  expect(example).toContain(blocks[0]);
});
