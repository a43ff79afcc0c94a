/** `npm run bench -- NAME [--json]`: one benchmark, beside its rival in the same run. */
import { parseArgs } from 'node:util';
import type { Benchmark } from './benchmark.ts';

const benchmarks: Readonly<Record<string, () => Promise<Benchmark>>> = {
  deploy: async () => (await import('./deploy.ts')).deploy,
  etf: async () => (await import('./etf.ts')).etf,
  rpc: async () => (await import('./rpc.ts')).rpc,
  poll: async () => (await import('./poll.ts')).poll,
  place: async () => (await import('./place.ts')).place,
  soak: async () => (await import('./soak.ts')).soak,
  engines: async () => (await import('./engines.ts')).engineRivals,
  tenk: async () => (await import('./tenk.ts')).tenk,
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' } } });
  const [name = ''] = positionals;
  const load = benchmarks[name];
  if (load === undefined) {
    process.stderr.write(`there is no benchmark ${name}; there are: ${Object.keys(benchmarks).join(', ')}\n`);
    return 3;
  }
  const benchmark = await load();
  const figures = await benchmark.run((line) => process.stderr.write(`${line}\n`));
  if (values.json === true) process.stdout.write(`${JSON.stringify(figures)}\n`);
  else for (const [key, value] of Object.entries(figures)) process.stdout.write(`${key.padEnd(36)} ${value}\n`);
  return 0;
}

process.exit(await main());
