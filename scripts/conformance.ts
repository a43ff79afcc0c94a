/**
 * The conformance suite against anything: a real cloud, an emulator, the lab.
 *
 *   npm run conformance -- KIND [--endpoint URL] [--credentials FILE] [--region NAME] [--zone NAME] [--image ID]
 *                               [--network NAME] [--machine-types A,B] [--many N] [--option KEY=VALUE …]
 *
 * Without an endpoint it runs against the other side that the tests bring up themselves. Options are further keys of the
 * provider's definition; --many says how many machines fill more than one page, and leaves paging out when absent. What the suite makes carries an
 * owner tag of its own and is given back; a real provider will want money for it. FILE holds the provider's credentials
 * as its guide page describes them; it is read by the tests and appears in no argument list.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root, run } from './run.ts';

const text = { type: 'string' } as const;
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ endpoint: text, credentials: text, region: text, zone: text, image: text, network: text },
    ...{ 'machine-types': text, many: text, option: { type: 'string', multiple: true } },
  },
});
const [kind] = positionals;
const file = join('test', 'clouds', `${kind ?? ''}.test.ts`);

if (kind === undefined || !/^[a-z][a-z0-9]*$/.test(kind) || !existsSync(join(root, file))) {
  process.stderr.write(
    `usage: npm run conformance -- KIND [--endpoint URL --credentials FILE …]; KIND is one of those in test/clouds\n`,
  );
  process.exit(2);
}

/** The options as the tests read them: one JSON object, paths made absolute. */
const target = {
  ...values,
  ...(values.credentials === undefined ? {} : { credentials: resolve(values.credentials) }),
};
const env: Record<string, string> =
  values.endpoint === undefined ? {} : { WOMBAT_CONFORMANCE: JSON.stringify({ kind, ...target }) };
/** A kind may have a small one of ours beside the real thing or the emulator. */
const small = file.replace('.test.ts', '-server.test.ts');
const files = [file, ...(existsSync(join(root, small)) ? [small] : [])];
const suite =
  values.endpoint === undefined
    ? ['--project', 'clouds', '--project', 'openstack', ...files]
    : ['--project', 'pointed'];
const { code } = await run('vitest', ['run', '--reporter', 'verbose', ...suite], { show: true, env });
process.exit(code);
