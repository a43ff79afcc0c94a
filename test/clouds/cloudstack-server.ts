/**
 * The other side of the CloudStack adapter: the signed API as CloudStack 4 answers it, written from Apache CloudStack's
 * published API documentation. Errors carry `errorcode` and `errortext` under the command's response, the code is the HTTP
 * status too; signatures and their expiry are checked; asynchronous commands answer a job; a machine that finds no room
 * fails in its job and stays as `Error`; host names are unique within a network, also of what is destroyed and not expunged;
 * an empty list is left out of its answer.
 *
 * Time passes only when it is told to: `advance` does one step of every job.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { serve } from '../kit/sockets.ts';
import { PublicAddresses } from './cloudstack-addresses.ts';
import { authenticate, Refusal } from './cloudstack-signature.ts';
import type { Parameters } from './cloudstack-signature.ts';

/** What differs from one server to another. */
export interface CloudStackOptions {
  /** `Basic` zones have security groups and no networks of their own; `Advanced` when absent */
  readonly network?: 'Basic' | 'Advanced';
  /** whether its network is an isolated one, with public addresses; a shared one when absent */
  readonly isolated?: boolean;
  /** whether the zone has security groups; true when absent */
  readonly groups?: boolean;
  /** machines that the account may have; 100 000 when absent */
  readonly vms?: number;
  /** machines that find room on the hosts; no limit when absent */
  room?: number;
  /** where a machine finds no room, it is said at once (`sync`) or by its job, which is what happens when absent */
  readonly refusal?: 'sync' | 'job';
  /** whether users may expunge; true when absent */
  readonly expunge?: boolean;
  /** whether host names may repeat, as they can when two orders pass the check at the same moment */
  twins?: boolean;
  /** commands that the role of the user does not have */
  readonly denied?: readonly string[];
  /** jobs go on when they are asked for: for clients that wait */
  readonly hasty?: boolean;
}

type Json = Record<string, unknown>;

/** A machine as CloudStack keeps it. */
export interface ServedVm extends Json {
  readonly id: string;
  readonly name: string;
  displayname: string;
  state: string;
  tags: Json[];
  readonly userdata: string;
  readonly keypair: string | undefined;
  readonly groupIds: readonly string[];
  jobid: string;
  expunging: boolean;
}

/** A server that listens. */
export interface CloudStackServer {
  readonly url: string;
  readonly vms: ReadonlyMap<string, ServedVm>;
  readonly keyPairs: ReadonlyMap<string, string>;
  readonly groups: ReadonlyMap<string, Json>;
  readonly addresses: PublicAddresses;
  readonly options: CloudStackOptions;
  /** one step of all jobs */
  advance(): void;
  /** Makes a machine of somebody else. */
  foreign(): string;
  /** Names everything that exists. */
  standing(): string[];
  close(): Promise<void>;
}

const [zoneId, templateId, networkId] = ['a1', 'b2', 'c3'].map((part) => `${part}000000-0000-4000-8000-000000000001`);
const account = { account: 'ants', domainid: 'd4000000-0000-4000-8000-000000000001', domain: 'ROOT' };
const offerings = [
  { name: 'Small Instance', cpunumber: 1, cpuspeed: 500, memory: 512 },
  { name: 'Medium Instance', cpunumber: 2, cpuspeed: 1000, memory: 2048 },
  { name: 'Large Instance', cpunumber: 4, cpuspeed: 1000, memory: 8192, rootdisksize: 40 },
  { name: 'Custom', iscustomized: true, cpunumber: 0, memory: 0 },
].map((one, index) => ({
  id: `e${index}000000-0000-4000-8000-000000000001`,
  iscustomized: false,
  issystem: false,
  ...one,
}));

/** Opens the server on a free port of the loopback. */
export async function openCloudStackServer(options: CloudStackOptions = {}): Promise<CloudStackServer> {
  const management = new Management(options);
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const query = new URL(request.url ?? '/', 'http://x').searchParams;
      const all = [...query, ...(body === '' ? [] : new URLSearchParams(body))];
      const { status, answer } = management.answer(Object.fromEntries(all));
      response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8' });
      response.end(JSON.stringify(answer));
    });
  });
  const { origin, close } = await serve(server);
  return {
    url: `${origin}/client/api`,
    ...{
      vms: management.vms,
      keyPairs: management.keyPairs,
      groups: management.groups,
      addresses: management.addresses,
      options,
    },
    advance: () => management.advance(),
    foreign: () => management.foreign(),
    standing: () => management.standing(),
    close,
  };
}

class Management {
  readonly vms = new Map<string, ServedVm>();
  readonly keyPairs = new Map<string, string>();
  readonly groups = new Map<string, Json>([
    ['default', { id: randomUUID(), name: 'default', ...account, ingressrule: [] }],
  ]);
  readonly addresses = new PublicAddresses({ id: networkId, zone: zoneId }, (id) => this.vms.has(id));
  readonly #jobs = new Map<string, Json>();
  readonly #names = new Map<string, Set<ServedVm>>();
  readonly #options: CloudStackOptions;
  #made = 0;
  #standing = 0;

  constructor(options: CloudStackOptions) {
    this.#options = options;
  }

  standing(): string[] {
    const vms = [...this.vms.values()].filter(({ state }) => state !== 'Destroyed').map(({ id }) => `vm ${id}`);
    const groups = [...this.groups.keys()].map((name) => `group ${name}`);
    return [...vms, ...groups, ...this.addresses.standing(), ...[...this.keyPairs.keys()].map((name) => `key ${name}`)];
  }

  foreign(): string {
    const parameters = {
      zoneid: zoneId ?? '',
      templateid: templateId ?? '',
      serviceofferingid: offerings[0]?.id ?? '',
    };
    return String(this.#deploy({ ...parameters, name: `other-${this.#made}`, displayname: 'of somebody else' })['id']);
  }

  answer(parameters: Parameters): { status: number; answer: Json } {
    const command = parameters['command'] ?? '';
    const envelope = `${command.toLowerCase()}response`;
    try {
      authenticate(parameters);
      const act = this.#commands[command];
      if (act === undefined || this.#options.denied?.includes(command) === true)
        throw new Refusal(432, `The given command '${command}' either does not exist, is not available for user.`);
      return { status: 200, answer: { [envelope]: act(parameters) } };
    } catch (error) {
      const code = error instanceof Refusal ? error.code : 530;
      const errortext = error instanceof Error ? error.message : String(error);
      const content = { uuidList: [], errorcode: code, cserrorcode: 4350, errortext };
      return { status: code, answer: { [code === 401 || code === 432 ? 'errorresponse' : envelope]: content } };
    }
  }

  readonly #commands: Readonly<Record<string, (given: Parameters) => Json>> = {
    listCapabilities: () => ({
      capability: { cloudstackversion: '4.20.1.0', allowuserexpungerecovervm: this.#options.expunge ?? true },
    }),
    listApis: () => {
      const { denied = [] } = this.#options;
      const names = Object.keys(this.#commands).filter((name) => !denied.includes(name));
      return { count: names.length, api: names.map((name) => ({ name, isasync: false })) };
    },
    listAccounts: () => ({ count: 1, account: [this.#account()] }),
    listZones: (given) => pageOf(given, 'zone', [this.#zone()]),
    listServiceOfferings: (given) => pageOf(given, 'serviceoffering', offerings),
    listTemplates: (given) => pageOf(given, 'template', [template]),
    listNetworks: (given) => pageOf(given, 'network', this.#options.network === 'Basic' ? [] : [this.#network()]),
    listPublicIpAddresses: (given) => pageOf(given, 'publicipaddress', this.addresses.list(given)),
    associateIpAddress: (given) => {
      if (this.#options.isolated !== true)
        throw new Refusal(431, 'Ip address can only be associated to an isolated network');
      return { id: this.addresses.associate(given), jobid: this.#begin(null, true) };
    },
    disassociateIpAddress: (given) => {
      this.addresses.disassociate(given);
      return { jobid: this.#begin(null, true) };
    },
    enableStaticNat: (given) => this.addresses.nat(given),
    listFirewallRules: (given) => pageOf(given, 'firewallrule', this.addresses.rulesOf(given)),
    createFirewallRule: (given) => ({ id: this.addresses.open(given), jobid: this.#begin(null, true) }),
    listLoadBalancerRules: () => ({}),
    listPortForwardingRules: () => ({}),
    listIpForwardingRules: () => ({}),
    listVirtualMachines: (given) => this.#list(given),
    deployVirtualMachine: (given) => this.#deploy(given),
    destroyVirtualMachine: (given) => this.#destroy(given),
    createTags: (given) => this.#tag(given),
    queryAsyncJobResult: (given) => this.#job(given),
    listSSHKeyPairs: ({ keyword = '', ...given }) => {
      const found = [...this.keyPairs.keys()].filter((name) => name.includes(keyword));
      return pageOf(
        given,
        'sshkeypair',
        found.map((name) => ({ id: name, name, fingerprint: 'aa:bb', ...account })),
      );
    },
    registerSSHKeyPair: ({ name = '', publickey = '' }) => {
      if (this.keyPairs.has(name))
        throw new Refusal(431, `A key pair with name '${name}' already exists for this account.`);
      this.keyPairs.set(name, publickey);
      return { keypair: { name, fingerprint: 'aa:bb', ...account } };
    },
    deleteSSHKeyPair: ({ name = '' }) => {
      if (!this.keyPairs.delete(name))
        throw new Refusal(431, `A key pair with name '${name}' does not exist for account ants in specified domain id`);
      return { success: 'true' };
    },
    listSecurityGroups: ({ securitygroupname, ...given }) => {
      const found = [...this.groups.values()].filter(
        ({ name }) => securitygroupname === undefined || name === securitygroupname,
      );
      return pageOf(given, 'securitygroup', found);
    },
    createSecurityGroup: ({ name = '', description = '' }) => this.#makeGroup(name, description),
    authorizeSecurityGroupIngress: (given) => this.#authorize(given),
    revokeSecurityGroupIngress: ({ id = '' }) => this.#revoke(id),
    deleteSecurityGroup: ({ id = '' }) => this.#dropGroup(id),
  };

  #account(): Json {
    const { vms = 100_000 } = this.#options;
    const limits = { vmlimit: String(vms), vmavailable: String(vms - this.#standing), cpuavailable: 'Unlimited' };
    return { id: 'f5', name: account.account, accounttype: 0, memoryavailable: 'Unlimited', ...limits, ...account };
  }

  #zone(): Json {
    const { network: networktype = 'Advanced', groups = true } = this.#options;
    return { id: zoneId, name: 'hill', networktype, securitygroupsenabled: groups, allocationstate: 'Enabled' };
  }

  #network(): Json {
    return { ...network, type: this.#options.isolated === true ? 'Isolated' : 'Shared' };
  }

  #shown(vm: ServedVm): Json {
    const address = this.addresses.of(vm.id);
    return {
      ...shownVm(vm),
      ...(address === undefined ? {} : { publicip: address.ipaddress, publicipid: address.id }),
    };
  }

  #list(given: Parameters): Json {
    const { id, name, keyword, 'tags[0].key': key, 'tags[0].value': value } = given;
    if (id !== undefined && !/^[0-9a-f-]{36}$/.test(id))
      throw new Refusal(
        431,
        `Invalid parameter id value=${id} due to incorrect long value format, or entity does not exist or due to incorrect parameter annotation for the field in api cmd class.`,
      );
    const some = id === undefined ? this.#candidates(name) : [this.vms.get(id) ?? []].flat();
    const found = some.filter(
      (vm) =>
        vm.state !== 'Destroyed' &&
        (keyword === undefined || vm.displayname.includes(keyword) || vm.name.includes(keyword)) &&
        (key === undefined || vm.tags.some((tag) => tag['key'] === key && tag['value'] === value)),
    );
    const { page = '1', pagesize = '500' } = given;
    const [at, size] = [Number(page), Math.min(500, Number(pagesize))];
    const shown = found.slice((at - 1) * size, at * size).map((vm) => this.#shown(vm));
    return shown.length === 0 ? {} : { count: found.length, virtualmachine: shown };
  }

  /** Names are matched by parts; an index makes whole ones quick. */
  #candidates(name: string | undefined): ServedVm[] {
    if (name === undefined) return [...this.vms.values()];
    const whole = this.#names.get(name);
    return whole === undefined ? [...this.vms.values()].filter((vm) => vm.name.includes(name)) : [...whole];
  }

  #deploy(given: Parameters): Json {
    const { name = '', displayname = name, serviceofferingid, templateid, zoneid, userdata = '', keypair } = given;
    const offering = offerings.find(({ id }) => id === serviceofferingid);
    if (offering === undefined || templateid !== templateId || zoneid !== zoneId)
      throw new Refusal(431, 'Unable to find service offering, template or zone by the specified id');
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(name))
      throw new Refusal(431, 'Invalid name. Vm name can contain ASCII letters');
    if (this.#names.has(name) && this.#options.twins !== true)
      throw new Refusal(
        431,
        `The vm with hostName ${name} already exists in the network domain: cs1cloud.internal; network=Ntwk[204|Guest|6]`,
      );
    if (keypair !== undefined && !this.keyPairs.has(keypair))
      throw new Refusal(431, `A key pair with name '${keypair}' was not found.`);
    if (this.#standing >= (this.#options.vms ?? 100_000))
      throw new Refusal(
        535,
        "Maximum number of resources of type 'user_vm' for account name=ants in domain has been exceeded.",
      );
    const fits = this.#standing < (this.#options.room ?? Infinity);
    if (!fits && this.#options.refusal === 'sync')
      throw new Refusal(533, 'Unable to create a deployment for VM[User|i-2-9-VM]');
    this.#made += 1;
    this.#standing += 1;
    const jobid = this.#begin(
      fits
        ? null
        : {
            errorcode: 533,
            errortext:
              'Unable to create a deployment for VM[User|i-2-9-VM]Scope=interface com.cloud.dc.DataCenter; id=1',
          },
    );
    const vm: ServedVm = {
      ...{ id: randomUUID(), name, displayname, userdata, keypair, jobid, tags: [], expunging: false, ...account },
      state: 'Starting',
      created: new Date().toISOString().replace(/\.\d+Z/, '+0000'),
      ...{ zoneid, zonename: 'hill', templateid, serviceofferingid, hypervisor: 'KVM', haenable: false },
      cpunumber: offering.iscustomized ? Number(given['details[0].cpuNumber']) : offering.cpunumber,
      memory: offering.iscustomized ? Number(given['details[0].memory']) : offering.memory,
      groupIds: (given['securitygroupids'] ?? '').split(',').filter((one) => one !== ''),
      nic: [
        {
          id: randomUUID(),
          networkid: networkId,
          ipaddress: `10.90.${this.#made >> 8}.${this.#made & 255}`,
          netmask: '255.255.0.0',
          isdefault: true,
        },
      ],
    };
    this.vms.set(vm.id, vm);
    this.#names.set(name, (this.#names.get(name) ?? new Set()).add(vm));
    return { id: vm.id, jobid };
  }

  #begin(failure: Json | null, done = false): string {
    const jobid = randomUUID();
    this.#jobs.set(jobid, { jobid, jobstatus: done ? 1 : 0, failure, jobresult: done ? { success: true } : undefined });
    return jobid;
  }

  #job({ jobid = '' }: Parameters): Json {
    if (this.#options.hasty === true) this.advance();
    const job = this.#jobs.get(jobid);
    if (job === undefined)
      throw new Refusal(
        431,
        `Invalid parameter jobid value=${jobid} due to incorrect long value format, or entity does not exist`,
      );
    const { failure: _failure, ...shown } = job;
    return shown;
  }

  #destroy({ id = '', expunge }: Parameters): Json {
    const vm = this.vms.get(id);
    if (vm === undefined)
      throw new Refusal(431, `Unable to find a virtual machine with id ${id}: entity does not exist`);
    if (expunge === 'true' && this.#options.expunge === false)
      throw new Refusal(
        531,
        'Parameter expunge can be passed by Admin only. Or when the allow.user.expunge.recover.vm key is set.',
      );
    vm.jobid = this.#begin(null);
    vm.expunging = expunge === 'true';
    vm.state = 'Stopping';
    return { jobid: vm.jobid };
  }

  advance(): void {
    for (const vm of this.vms.values()) {
      const job = this.#jobs.get(vm.jobid);
      if (vm.state === 'Starting') this.#start(vm, job);
      else if (vm.state === 'Stopping') this.#stop(vm, job);
    }
  }

  #start(vm: ServedVm, job: Json | undefined): void {
    const failure = job?.['failure'] ?? null;
    vm.state = failure === null ? 'Running' : 'Error';
    Object.assign(job ?? {}, {
      jobstatus: failure === null ? 1 : 2,
      jobresultcode: failure === null ? 0 : 530,
      jobresult: failure ?? { virtualmachine: shownVm(vm) },
    });
  }

  #stop(vm: ServedVm, job: Json | undefined): void {
    vm.state = 'Destroyed';
    this.#standing -= 1;
    Object.assign(job ?? {}, { jobstatus: 1, jobresultcode: 0, jobresult: { virtualmachine: shownVm(vm) } });
    if (!vm.expunging) return;
    this.vms.delete(vm.id);
    this.addresses.leave(vm.id);
    const named = this.#names.get(vm.name);
    named?.delete(vm);
    if (named?.size === 0) this.#names.delete(vm.name);
  }

  #tag(given: Parameters): Json {
    const { resourceids = '', resourcetype } = given;
    const vm = (resourcetype === 'PublicIpAddress' ? this.addresses.all : this.vms).get(resourceids);
    if (vm === undefined) throw new Refusal(431, 'Unable to find resource by id');
    for (let index = 0; given[`tags[${index}].key`] !== undefined; index += 1) {
      const [key, value] = [given[`tags[${index}].key`], given[`tags[${index}].value`]];
      if (vm.tags.some((tag) => tag['key'] === key))
        throw new Refusal(431, `Tag ${key ?? ''} already exists on resource`);
      vm.tags.push({ key, value, resourceid: vm.id, resourcetype, ...account });
    }
    return { jobid: this.#begin(null, true) };
  }

  #makeGroup(name: string, description: string): Json {
    if (this.groups.has(name))
      throw new Refusal(431, `Unable to create security group, a group with name ${name} already exists.`);
    const group = { id: randomUUID(), name, description, ...account, ingressrule: [] };
    this.groups.set(name, group);
    return { securitygroup: group };
  }

  #authorize(given: Parameters): Json {
    const group = [...this.groups.values()].find(({ id }) => id === given['securitygroupid']);
    if (group === undefined) throw new Refusal(431, 'Unable to find security group by id');
    const { protocol = '', startport, endport, cidrlist } = given;
    const peer = given['usersecuritygrouplist[0].group'];
    if (cidrlist === undefined && (peer === undefined || given['usersecuritygrouplist[0].account'] !== account.account))
      throw new Refusal(431, 'At least one cidr or at least one security group needs to be specified');
    const from = cidrlist === undefined ? { securitygroupname: peer, account: account.account } : { cidr: cidrlist };
    const rule = {
      ruleid: randomUUID(),
      protocol: protocol.toLowerCase(),
      startport: Number(startport),
      endport: Number(endport),
    };
    (group['ingressrule'] as Json[]).push({ ...rule, ...from });
    return { jobid: this.#begin(null, true) };
  }

  #revoke(ruleid: string): Json {
    for (const group of this.groups.values()) {
      const rules = group['ingressrule'] as Json[];
      const at = rules.findIndex((rule) => rule['ruleid'] === ruleid);
      if (at >= 0) rules.splice(at, 1);
    }
    return { jobid: this.#begin(null, true) };
  }

  #dropGroup(id: string): Json {
    const group = [...this.groups.values()].find((one) => one['id'] === id);
    if (group === undefined) throw new Refusal(431, `Unable to find security group by id ${id}: entity does not exist`);
    if ([...this.vms.values()].some(({ groupIds }) => groupIds.includes(id)))
      throw new Refusal(536, 'Cannot delete group when it is in use by virtual machines');
    this.groups.delete(String(group['name']));
    return { success: 'true' };
  }
}

const template = {
  ...{ id: templateId, name: 'debian-12', zoneid: zoneId, zonename: 'hill', isready: true },
  status: 'Download Complete',
  ...{
    size: 10 * 2 ** 30,
    hypervisor: 'KVM',
    ostypeid: 'g6',
    ostypename: 'Debian',
    format: 'QCOW2',
    displaytext: 'Debian 12',
    ...account,
  },
};
const network = {
  ...{
    id: networkId,
    name: 'guests',
    displaytext: 'guests',
    zoneid: zoneId,
    zonename: 'hill',
    type: 'Shared',
    state: 'Setup',
  },
  ...{ networkofferingid: 'h7', ...account },
};

function shownVm({ groupIds: _groups, expunging: _expunging, userdata: _data, ...vm }: ServedVm): Json {
  return vm;
}

/** A page of a list; an empty one has no list at all. */
function pageOf({ page = '1', pagesize = '500' }: Parameters, name: string, all: readonly Json[]): Json {
  const [at, size] = [Number(page), Number(pagesize)];
  const found = all.slice((at - 1) * size, at * size);
  return found.length === 0 ? {} : { count: all.length, [name]: found };
}
