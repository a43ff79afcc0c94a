/** What a conformance run was pointed at: `scripts/conformance.ts` says it in one environment variable, without secrets. */
import { z } from 'zod';

const Said = z.object({
  kind: z.string(),
  endpoint: z.string(),
  credentials: z.string().optional(),
  region: z.string().optional(),
  zone: z.string().optional(),
  image: z.string().optional(),
  network: z.string().optional(),
  'machine-types': z.string().optional(),
  many: z.coerce.number().int().min(1).optional(),
  option: z.array(z.string()).optional(),
});

/** Where to run the suite. */
export interface ConformanceTarget {
  readonly kind: string;
  readonly endpoint: string;
  /** the file with the provider's credentials */
  readonly credentials: string | null;
  /** three domains, alike, as the suite expects them */
  readonly domains: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** what else the provider's definition says */
  readonly options: Readonly<Record<string, string>>;
  /** machines that fill more than one page; undefined leaves paging out */
  readonly many: number | undefined;
}

/** The target; null when the run was not pointed at anything. */
export function conformanceTarget(): ConformanceTarget | null {
  const said = process.env['WOMBAT_CONFORMANCE'];
  if (said === undefined) return null;
  const { kind, endpoint, credentials = null, many, option = [], ...rest } = Said.parse(JSON.parse(said));
  const { region, zone, image, network } = rest;
  const machineTypes = rest['machine-types']?.split(',');
  const known = Object.entries({ region, zone, image, network, machineTypes });
  const place = Object.fromEntries(known.filter(([, value]) => value !== undefined));
  const domain = { ...place, capabilities: { tier: 'gold', scratch: '1G' } };
  const options = Object.fromEntries(option.map((one) => [one.split('=')[0], one.slice(one.indexOf('=') + 1)]));
  return { kind, endpoint, credentials, domains: { d1: domain, d2: domain, d3: domain }, options, many };
}
