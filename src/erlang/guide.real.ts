/** Every example of the guide, run as it stands there against a real node, prints what the guide says. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { realNodes } from '../../test/kit/real-erlang.ts';

const root = join(import.meta.dirname, '..', '..');
const guide = readFileSync(join(root, 'docs', 'guide', 'erlang.md'), 'utf8');
const examples = [...guide.matchAll(/## (.*?)\n(?:(?!## )[^])*?```ts\n([^]*?)```\n\n```text\n([^]*?)```/g)];

test('the examples of the guide print what it says', async () => {
  expect(examples.map(([, title]) => title)).toEqual(['Call a function', 'Monitor a node', 'Be called']);
  const folder = mkdtempSync(join(tmpdir(), 'wombat-guide-'));
  const world = await realNodes();
  try {
    const node = await world.start('guided@127.0.0.1');
    const cookie = join(folder, 'cookie');
    writeFileSync(cookie, `${world.cookie}\n`, { mode: 0o400 });
    for (const [, title, code = '', printed] of examples) {
      const file = join(folder, 'example.ts');
      writeFileSync(file, code.replaceAll('../../src/', pathToFileURL(join(root, 'src/')).href));
      const words = [file, node.name, String(node.port), String(world.epmdPort), cookie];
      const { stdout } = await promisify(execFile)(process.execPath, words, { timeout: 20_000 });
      expect(stdout, title).toBe(printed);
    }
  } finally {
    await world.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
