/**
 * The other side of the OpenNebula adapter: XML-RPC on /RPC2 as oned 7 answers it, written from OpenNebula's published
 * API documentation and from what a running one was seen to do. Always HTTP 200; errors as `[false, message, code,
 * object, -1]` with an `<i8>`; wrong types and unknown methods as `<fault>`; names that repeat; a scheduler that leaves
 * what it cannot place PENDING with a message; terminates that fail without a word; DONE VMs that stay readable.
 *
 * Time passes only when it is told to: `advance` does one step of scheduler and drivers.
 */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { serve } from '../kit/sockets.ts';
import { allIn, elementAt, textAt, xmlOf } from '../../src/cloud/opennebula/api.ts';
import type { Xml } from '../../src/cloud/opennebula/api.ts';
import { answerOf, inSections, Misuse, readCall, Refusal, templateFrom, want } from './opennebula-wire.ts';
import type { Body, Value } from './opennebula-wire.ts';

/** What differs from one server to another. */
export interface OpenNebulaOptions {
  /** machines that the one user may have; no limit when absent */
  readonly vms?: number;
  /** cores of each of the two hosts; 400 when absent */
  readonly hostCores?: number;
  /** addresses of the network; 65 000 when absent */
  readonly leases?: number;
  /** the next terminates that fail: the VM runs on, and nobody is told */
  failingTerminates?: number;
  /** whether the user may not see hosts, as those who are no administrators */
  readonly plainUser?: boolean;
}

/** A VM as oned keeps it. */
export interface ServedVm {
  readonly id: number;
  readonly name: string;
  state: number;
  lcm: number;
  readonly stime: number;
  readonly ip: string;
  readonly template: Record<string, Xml | readonly Xml[]>;
  readonly userTemplate: Record<string, Xml | readonly Xml[]>;
  readonly cores: number;
  readonly memoryMb: number;
  readonly groups: readonly string[];
  host: number | null;
}

interface Group {
  readonly id: number;
  readonly name: string;
  template: Record<string, Xml | readonly Xml[]>;
}

/** A server that listens. */
export interface OpenNebulaServer {
  readonly url: string;
  readonly vms: ReadonlyMap<number, ServedVm>;
  readonly groups: ReadonlyMap<number, Group>;
  readonly options: OpenNebulaOptions;
  /** one step of scheduler and drivers */
  advance(): void;
  /** Makes a VM of somebody else. */
  foreign(): number;
  /** Names everything that exists. */
  standing(): string[];
  close(): Promise<void>;
}

/** The one user of the server. */
export const session = 'ants:queen of the hill';
const [authentication, authorization, noExists, action, internal, allocate] = [
  0x0100, 0x0200, 0x0400, 0x0800, 0x2000, 0x4000,
];

const templates: readonly { id: number; name: string; body: Body }[] = [
  {
    id: 0,
    name: 'debian small',
    body: {
      CPU: '1',
      VCPU: '2',
      MEMORY: '2048',
      DISK: [{ IMAGE: 'debian-12', IMAGE_UNAME: 'oneadmin' }],
      NIC: [{ NETWORK: 'private', NETWORK_UNAME: 'oneadmin' }],
      CONTEXT: { NETWORK: 'YES', SSH_PUBLIC_KEY: 'ssh-ed25519 operator' },
      OS: { ARCH: 'x86_64' },
    },
  },
  {
    id: 1,
    name: 'debian large',
    body: { CPU: '4', VCPU: '4', MEMORY: '8192', DISK: [{ IMAGE_ID: '0' }], NIC: [{ NETWORK_ID: '0' }] },
  },
  { id: 2, name: 'bare', body: { CPU: '1', MEMORY: '512' } },
];

/** Opens the server on a free port of the loopback. */
export async function openOpenNebulaServer(options: OpenNebulaOptions = {}): Promise<OpenNebulaServer> {
  const oned = new Oned(options);
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      response.writeHead(200, { 'content-type': 'text/xml; charset=utf-8' });
      response.end(oned.answer(body));
    });
  });
  const { origin, close } = await serve(server);
  return {
    url: `${origin}/RPC2`,
    vms: oned.vms,
    groups: oned.groups,
    options,
    advance: () => oned.advance(),
    foreign: () => oned.instantiate([session, 0, 'of somebody else', false, '', false]),
    standing: () => oned.standing(),
    close,
  };
}

class Oned {
  readonly vms = new Map<number, ServedVm>();
  readonly groups = new Map<number, Group>([[0, { id: 0, name: 'default', template: { RULE: everythingIn } }]]);
  readonly #options: OpenNebulaOptions;
  readonly #written = new Map<number, { readonly of: string; readonly xml: string }>();
  readonly #free: string[] = [];
  #leased = 0;
  #nextVm = 0;
  #nextGroup = 100;

  constructor(options: OpenNebulaOptions) {
    this.#options = options;
  }

  standing(): string[] {
    const vms = [...this.vms.values()].filter(({ state }) => state !== 6).map(({ id }) => `vm ${id}`);
    return [...vms, ...[...this.groups.keys()].map((id) => `secgroup ${id}`)];
  }

  answer(body: string): string {
    return answerOf(() => {
      const { method, values } = readCall(body);
      return this.#call(method, values);
    });
  }

  #call(method: string, values: readonly Value[]): string | number {
    const act = this.#methods[method];
    if (act === undefined) throw new Misuse(-506, `Method '${method}' not defined`);
    if (values[0] !== session)
      throw new Refusal(authentication, `[${method}] User couldn't be authenticated, aborting call.`);
    return act(values);
  }

  readonly #methods: Readonly<Record<string, (values: readonly Value[]) => string | number>> = {
    'one.system.version': () => '7.0.0',
    'one.user.info': () => this.#owner('USER'),
    'one.group.info': () => xmlOf('GROUP', { ID: '1', NAME: 'users', VM_QUOTA: '' }),
    'one.templatepool.info': (v) => (
      want(v, 'iii'),
      xmlOf('VMTEMPLATE_POOL', { VMTEMPLATE: templates.map(templateXml) })
    ),
    'one.imagepool.info': (v) => (
      want(v, 'iii'),
      xmlOf('IMAGE_POOL', { IMAGE: [{ ...owned, ID: '0', NAME: 'debian-12', SIZE: '10240', STATE: '1' }] })
    ),
    'one.vnpool.info': (v) => (want(v, 'iii'), xmlOf('VNET_POOL', { VNET: [networkXml] })),
    'one.clusterpool.info': () => xmlOf('CLUSTER_POOL', { CLUSTER: [{ ID: '0', NAME: 'default' }] }),
    'one.hostpool.info': () => this.#hosts(),
    'one.template.instantiate': (v) => (want(v, 'isbsb'), this.instantiate(v)),
    'one.vm.info': (v) => (want(v, 'ib'), this.#vmXml(this.#vm('one.vm.info', Number(v[1])))),
    'one.vm.action': (v) => (want(v, 'si'), this.#terminate(String(v[1]), Number(v[2]))),
    'one.vmpool.infoextended': (v) => (want(v, 'iiii'), this.#pool(v.slice(1).map(Number))),
    'one.vmpool.info': (v) => (want(v, 'iiii'), this.#pool(v.slice(1).map(Number), true)),
    'one.secgrouppool.info': (v) => (
      want(v, 'iii'),
      `<SECURITY_GROUP_POOL>${[...this.groups.values()].map(groupXml).join('')}</SECURITY_GROUP_POOL>`
    ),
    'one.secgroup.info': (v) => (want(v, 'ib'), groupXml(this.#group('one.secgroup.info', Number(v[1])))),
    'one.secgroup.allocate': (v) => (want(v, 's'), this.#allocate(String(v[1]))),
    'one.secgroup.update': (v) => (want(v, 'isi'), this.#update(Number(v[1]), String(v[2]))),
    'one.secgroup.delete': (v) => (want(v, 'i'), this.#delete(Number(v[1]))),
  };

  #owner(root: string): string {
    const used = [...this.vms.values()].filter(({ state }) => state !== 6);
    const { vms = -2 } = this.#options;
    const quota = {
      VMS: String(vms),
      VMS_USED: String(used.length),
      CPU: '-2',
      CPU_USED: String(used.reduce((sum, { cores }) => sum + cores, 0)),
      MEMORY: '-1',
      MEMORY_USED: String(used.reduce((sum, { memoryMb }) => sum + memoryMb, 0)),
    };
    const idle = { DATASTORE_QUOTA: '', NETWORK_QUOTA: '', IMAGE_QUOTA: '' };
    return xmlOf(root, { ID: '2', GID: '1', NAME: 'ants', TEMPLATE: '', VM_QUOTA: { VM: quota }, ...idle });
  }

  #hosts(): string {
    if (this.#options.plainUser === true)
      throw new Refusal(authorization, '[one.hostpool.info] User [2] : Not authorized to perform MANAGE HOST.');
    return xmlOf('HOST_POOL', { HOST: [0, 1].map((id) => this.#host(id)) });
  }

  #host(id: number): Record<string, Xml> {
    const [cores, memoryMb] = this.#used(id);
    const share = {
      MEM_USAGE: String(memoryMb * 1024),
      CPU_USAGE: String(cores * 100),
      TOTAL_MEM: String(this.#hostCores * 4 * 2 ** 20),
      TOTAL_CPU: String(this.#hostCores * 100),
    };
    return { ID: String(id), NAME: `host${id}`, STATE: '2', CLUSTER_ID: '0', CLUSTER: 'default', HOST_SHARE: share };
  }

  get #hostCores(): number {
    return this.#options.hostCores ?? 400;
  }

  #used(host: number): [cores: number, memoryMb: number] {
    const there = [...this.vms.values()].filter((vm) => vm.host === host && vm.state !== 6);
    return [there.reduce((sum, { cores }) => sum + cores, 0), there.reduce((sum, { memoryMb }) => sum + memoryMb, 0)];
  }

  instantiate([, templateId, name, hold, extra]: readonly Value[]): number {
    const method = 'one.template.instantiate';
    const base = templates.find(({ id }) => id === templateId);
    if (base === undefined) throw new Refusal(noExists, `[${method}] Error getting template [${String(templateId)}].`);
    const given = templateFrom(method, String(extra));
    const merged = { ...base.body, ...given };
    const known = ['CPU', 'VCPU', 'MEMORY', 'DISK', 'NIC', 'CONTEXT', 'OS', 'SCHED_REQUIREMENTS', 'PCI'];
    const pick = (wanted: boolean) =>
      Object.fromEntries(Object.entries(merged).filter(([key]) => known.includes(key) === wanted));
    const { vms = Infinity } = this.#options;
    if ([...this.vms.values()].filter(({ state }) => state !== 6).length >= vms)
      throw new Refusal(authorization, `[${method}] User [2] : limit of ${vms} reached for VMS quota in VM template.`);
    const id = this.#nextVm;
    const ip = this.#lease(method);
    this.#nextVm += 1;
    const groups = allIn(merged as Xml, 'NIC').flatMap((nic) => (textAt(nic, 'SECURITY_GROUPS') ?? '0').split(','));
    const context = elementAt(merged, 'CONTEXT');
    this.vms.set(id, {
      ...{ id, ip, groups, state: hold === true ? 2 : 1, lcm: 0, host: null, stime: Math.floor(Date.now() / 1_000) },
      name: name === '' ? `${base.name}-${id}` : String(name),
      template: {
        ...pick(true),
        NIC: allIn(merged as Xml, 'NIC').map((nic) => ({
          ...(nic as Body),
          IP: ip,
          MAC: '02:00:0a:50:00:01',
        })),
        CONTEXT: { ...(typeof context === 'string' ? {} : context), ETH0_IP: ip, ETH0_MASK: '255.255.0.0' },
      },
      userTemplate: pick(false),
      cores: Number(merged['CPU']),
      memoryMb: Number(merged['MEMORY']),
    });
    return id;
  }

  #lease(method: string): string {
    const again = this.#free.shift();
    if (again !== undefined) return again;
    if (this.#leased >= (this.#options.leases ?? 65_000))
      throw new Refusal(allocate, `[${method}] Cannot get IP/MAC lease from virtual network 0.`);
    this.#leased += 1;
    return `10.80.${this.#leased >> 8}.${this.#leased & 255}`;
  }

  #vm(method: string, id: number): ServedVm {
    const vm = this.vms.get(id);
    if (vm === undefined) throw new Refusal(noExists, `[${method}] Error getting virtual machine [${id}].`, id);
    return vm;
  }

  #terminate(what: string, id: number): number {
    const vm = this.#vm('one.vm.action', id);
    const busy = vm.state === 3 && [1, 2].includes(vm.lcm);
    if (!what.startsWith('terminate') || busy)
      throw new Refusal(
        action,
        `[one.vm.action] Error performing action "${what}": This action is not available for state`,
        id,
      );
    if (vm.state === 3) vm.lcm = 12;
    else this.#end(vm);
    return id;
  }

  #end(vm: ServedVm): void {
    if (vm.state !== 6) this.#free.push(vm.ip);
    vm.state = 6;
    vm.lcm = 0;
  }

  advance(): void {
    for (const vm of this.vms.values()) {
      if (vm.state === 1) this.#place(vm);
      else if (vm.state !== 3) continue;
      else if (vm.lcm < 3) vm.lcm += 1;
      else if (vm.lcm === 12) this.#shutDown(vm);
    }
  }

  #place(vm: ServedVm): void {
    const host = [0, 1].find((id) => this.#used(id)[0] + vm.cores <= this.#hostCores);
    if (host === undefined) {
      vm.userTemplate['SCHED_MESSAGE'] = 'Cannot dispatch VM: No host with enough capacity to deploy the VM';
      return;
    }
    vm.host = host;
    vm.state = 3;
    vm.lcm = 1;
  }

  #shutDown(vm: ServedVm): void {
    const failing = this.#options.failingTerminates ?? 0;
    if (failing <= 0) {
      this.#end(vm);
      return;
    }
    this.#options.failingTerminates = failing - 1;
    vm.lcm = 3;
  }

  /** Newest first; `end` below -1 is the length of a page from `start` on, else both are ids. */
  #pool([filter = 0, start = 0, end = 0, state = 0]: readonly number[], short = false): string {
    if (filter < -4) throw new Refusal(internal, '[one.vmpool.info] Incorrect filter_flag');
    const fits = (vm: ServedVm) => (state === -2 ? true : state === -1 ? vm.state !== 6 : vm.state === state);
    const all = [...this.vms.values()].filter(fits).reverse();
    const inIds = ({ id }: ServedVm) => id >= start && (end === -1 || id <= end);
    const some = end < -1 ? all.slice(start, start - end) : start < 0 ? all : all.filter(inIds);
    return `<VM_POOL>${some.map((vm) => this.#vmXml(vm, short)).join('')}</VM_POOL>`;
  }

  #vmXml(vm: ServedVm, short = false): string {
    const of = `${vm.state} ${vm.lcm} ${short} ${Object.keys(vm.userTemplate).length}`;
    const known = this.#written.get(vm.id);
    if (known?.of === of) return known.xml;
    const xml = vmXml(vm, short);
    this.#written.set(vm.id, { of, xml });
    return xml;
  }

  #group(method: string, id: number): Group {
    const group = this.groups.get(id);
    if (group === undefined) throw new Refusal(noExists, `[${method}] Error getting security group [${id}].`, id);
    return group;
  }

  #allocate(template: string): number {
    const method = 'one.secgroup.allocate';
    const { NAME: name, ...body } = templateFrom(method, template);
    if (typeof name !== 'string') throw new Refusal(allocate, `[${method}] No NAME in template for Security Group.`);
    if ([...this.groups.values()].some((group) => group.name === name))
      throw new Refusal(allocate, `[${method}] NAME is already taken by SECURITY GROUP ${name}.`);
    const id = this.#nextGroup;
    this.#nextGroup += 1;
    this.groups.set(id, { id, name, template: body });
    return id;
  }

  #update(id: number, template: string): number {
    const group = this.#group('one.secgroup.update', id);
    group.template = templateFrom('one.secgroup.update', template);
    return id;
  }

  #delete(id: number): number {
    this.#group('one.secgroup.delete', id);
    const used = [...this.vms.values()].some((vm) => vm.state !== 6 && vm.groups.includes(String(id)));
    if (used) throw new Refusal(action, '[one.secgroup.delete] Cannot delete a security group with NICs using it.', id);
    this.groups.delete(id);
    return id;
  }
}

const owned = { UID: '0', GID: '0', UNAME: 'oneadmin', GNAME: 'oneadmin' };
const everythingIn: readonly Xml[] = [
  { PROTOCOL: 'ALL', RULE_TYPE: 'OUTBOUND' },
  { PROTOCOL: 'ALL', RULE_TYPE: 'INBOUND' },
];
const networkXml: Xml = {
  ...owned,
  ID: '0',
  NAME: 'private',
  TEMPLATE: { SECURITY_GROUPS: '0', NETWORK_MASK: '255.255.0.0' },
};

function templateXml({ id, name, body }: (typeof templates)[number]): Xml {
  return { ...owned, ID: String(id), NAME: name, REGTIME: '1', TEMPLATE: body as Xml };
}

function groupXml({ id, name, template }: Group): string {
  return xmlOf('SECURITY_GROUP', { ...owned, ID: String(id), NAME: name, TEMPLATE: template as Xml });
}

/** The short form has none of the user's own attributes. */
function vmXml(vm: ServedVm, short: boolean): string {
  const { SCHED_MESSAGE: message = '' } = vm.userTemplate;
  const times = { STIME: String(vm.stime), ETIME: '0', LAST_POLL: '0', RESCHED: '0', DEPLOY_ID: '' };
  const head = { ID: String(vm.id), UID: '2', GID: '1', UNAME: 'ants', GNAME: 'users', NAME: vm.name };
  const permissions = Object.fromEntries(
    ['OWNER', 'GROUP', 'OTHER'].flatMap((who) => ['U', 'M', 'A'].map((right) => [`${who}_${right}`, '1'])),
  );
  const states = {
    STATE: String(vm.state),
    LCM_STATE: String(vm.lcm),
    PREV_STATE: String(vm.state),
    PREV_LCM_STATE: '0',
  };
  const parts = [
    xmlOf('x', { ...head, PERMISSIONS: permissions, ...times, ...states }).slice(3, -4),
    inSections('TEMPLATE', short ? {} : vm.template),
    '<MONITORING/>',
    inSections('USER_TEMPLATE', short ? { SCHED_MESSAGE: message } : vm.userTemplate),
    '<HISTORY_RECORDS/>',
  ];
  return `<VM>${parts.join('')}</VM>`;
}
