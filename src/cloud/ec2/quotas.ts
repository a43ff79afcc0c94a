/**
 * How many more machines an account may run: EC2 limits the virtual CPUs of running instances by class of machine type
 * (EC2 User Guide, "Amazon EC2 service quotas"). The quota is asked of Service Quotas, what is used is counted. Where the account
 * may not ask, or the endpoint has no Service Quotas, nobody knows what is left.
 */
import type { Instance, InstanceTypeInfo } from '@aws-sdk/client-ec2';
import { Fault } from '../../base/fault.ts';
import type { HttpAnswer } from '../../base/http.ts';
import { all, instancesIn, pages } from '../ec2-api/beside.ts';
import type { Ec2Api } from '../ec2-api/ec2-api.ts';
import { codeOfEc2 } from '../ec2-api/faults.ts';
import type { Asked } from './asked.ts';
import type { Ec2Site } from './ec2.ts';

/** Quota codes by class of machine type: "Running On-Demand … instances". */
const classes = [
  ['L-1216C47A', /^(a|c|d|h|i|im|is|m|r|t|z)\d/],
  ['L-74FC7D96', /^f\d/],
  ['L-DB2E81BA', /^(g|gr|vt)\d/],
  ['L-417A185B', /^p\d/],
  ['L-7295265B', /^x\d/],
  ['L-1945791B', /^inf\d/],
  ['L-2C3B7624', /^trn\d/],
  ['L-6E869C2A', /^dl\d/],
  ['L-43DA4232', /^u-/],
  ['L-F7808C92', /^hpc\d/],
] as const;

/** Virtual CPUs that are left, by quota code; a class that is missing is unknown. */
export type Quotas = ReadonlyMap<string, number>;

function classOf(machineType: string): string | undefined {
  return classes.find(([, pattern]) => pattern.test(machineType))?.[0];
}

/** What is left of the quotas of those machine types. */
export async function quotasOf(region: string, types: readonly InstanceTypeInfo[], asked: Asked): Promise<Quotas> {
  const wanted = [...new Set(types.map(({ InstanceType }) => classOf(InstanceType ?? '')))].filter(
    (one) => one !== undefined,
  );
  const limits = await Promise.all(wanted.map((code) => asked.limit(region, code)));
  const known = wanted.flatMap((code, index) =>
    typeof limits[index] === 'number' ? [[code, limits[index]] as const] : [],
  );
  if (known.length === 0) return new Map();
  const used = usedBy(await asked.running(region), types);
  return new Map(known.map(([code, limit]) => [code, limit - (used.get(code) ?? 0)]));
}

/** How many more machines of the type may run; null when nobody knows. */
export function leftOf(quotas: Quotas, { InstanceType, VCpuInfo }: InstanceTypeInfo): number | null {
  const left = quotas.get(classOf(InstanceType ?? '') ?? '');
  const each = VCpuInfo?.DefaultVCpus ?? 0;
  return left === undefined || each === 0 ? null : Math.max(0, Math.floor(left / each));
}

/** The quota in virtual CPUs; a Fault says why it is not known. */
export async function limitOf(site: Ec2Site, api: Ec2Api, code: string, signal: AbortSignal): Promise<number | Fault> {
  const url = site.definition.endpoint ?? `https://servicequotas.${api.region}.amazonaws.com/`;
  const request = (operation: string) => ({
    url,
    service: 'servicequotas',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `ServiceQuotasV20190624.${operation}` },
    body: JSON.stringify({ ServiceCode: 'ec2', QuotaCode: code }),
  });
  try {
    const own = valueIn(await api.raw(request('GetServiceQuota'), signal));
    // an account that was never given another has the default one
    return typeof own === 'number' ? own : valueIn(await api.raw(request('GetAWSDefaultServiceQuota'), signal));
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

function valueIn({ status, text }: HttpAnswer): number | Fault {
  const words = text.slice(0, 200);
  try {
    const answer = JSON.parse(text) as { Quota?: { Value?: unknown }; __type?: unknown };
    const value = answer.Quota?.Value;
    if (status === 200 && typeof value === 'number' && Number.isFinite(value)) return value;
    const name = typeof answer.__type === 'string' ? (answer.__type.split('#').at(-1) ?? '') : '';
    return new Fault(codeOfEc2(name, status), 'GetServiceQuota: the quota is not told', { words });
  } catch {
    return new Fault('unavailable', `GetServiceQuota: HTTP ${status}, and no answer of Service Quotas`, { words });
  }
}

/** The instances that run, whoever started them. */
export function runningAt(api: Ec2Api, signal: AbortSignal): Promise<readonly Instance[]> {
  const found = pages(
    api,
    'DescribeInstances',
    async (sdk, NextToken, within) => {
      const Filters = [{ Name: 'instance-state-name', Values: ['pending', 'running'] }];
      const answer = await sdk.describeInstances({ Filters, MaxResults: 1000, NextToken }, within);
      return { items: instancesIn(answer.Reservations), next: answer.NextToken };
    },
    signal,
  );
  return all(found);
}

/** Virtual CPUs that run, whoever started them, by class. */
function usedBy(running: readonly Instance[], types: readonly InstanceTypeInfo[]): ReadonlyMap<string, number> {
  const cores = new Map<string, number>(
    types.map(({ InstanceType, VCpuInfo }) => [InstanceType ?? '', VCpuInfo?.DefaultVCpus ?? 0]),
  );
  const used = new Map<string, number>();
  for (const instance of running) {
    const code = classOf(instance.InstanceType ?? '');
    if (code !== undefined) used.set(code, (used.get(code) ?? 0) + coresOf(instance, cores));
  }
  return used;
}

function coresOf({ CpuOptions, InstanceType }: Instance, known: ReadonlyMap<string, number>): number {
  return known.get(InstanceType ?? '') ?? (CpuOptions?.CoreCount ?? 0) * (CpuOptions?.ThreadsPerCore ?? 1);
}
