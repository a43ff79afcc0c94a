/** An OpenStack project as its owner sees it without any adapter: plain calls, for looking at what was done and for doing what others do. */
import type { OpenStackLab } from '../../lab/openstack.ts';

/** What is looked at. */
interface Thing {
  readonly id: string;
  readonly name?: string;
  readonly status?: string;
  readonly 'OS-EXT-STS:task_state'?: string | null;
  readonly security_group_rules?: readonly RuleOfGroup[];
}

interface RuleOfGroup {
  readonly direction: string;
  readonly ethertype: string;
  readonly protocol: string | null;
  readonly port_range_min: number | null;
  readonly port_range_max: number | null;
  readonly remote_ip_prefix: string | null;
  readonly remote_group_id: string | null;
}

/** a guest starts and goes within seconds; on a busy machine all of them together within this */
const settleMs = 180_000;
const compute = 'http://127.0.0.1:18774/v2.1';
const network = 'http://127.0.0.1:19696/v2.0';

interface LoggedIn {
  readonly token: string;
  readonly projectId: string;
  readonly userId: string;
}

/** A login of a user into a project of the same domain. */
async function login(lab: OpenStackLab, name: string, project: string): Promise<LoggedIn> {
  const domain = { name: 'Default' };
  const { password } = JSON.parse(lab.credentials) as { password: string };
  const identity = { methods: ['password'], password: { user: { name, password, domain } } };
  const auth = { identity, scope: { project: { name: project, domain } } };
  const answer = await fetch(`${lab.endpoint}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth }),
  });
  const { token } = (await answer.json()) as { token: { project: Thing; user: Thing } };
  const own = answer.headers.get('x-subject-token') ?? '';
  return { token: own, projectId: token.project.id, userId: token.user.id };
}

function headersOf(token: string): Record<string, string> {
  return { 'x-auth-token': token, 'x-openstack-nova-api-version': '2.61', 'content-type': 'application/json' };
}

/** Logs in as the lab's tenant, and looks. */
export async function plainProject(lab: OpenStackLab): Promise<PlainProject> {
  return new PlainProject(lab, await login(lab, 'lab', 'lab'));
}

/** The project. */
export class PlainProject {
  readonly #lab: OpenStackLab;
  readonly #own: LoggedIn;
  readonly #strangers: string[] = [];

  constructor(lab: OpenStackLab, own: LoggedIn) {
    this.#lab = lab;
    this.#own = own;
  }

  /** Everything that stands in it, by kind and id; the default group, which every project has, is left out. */
  async standing(): Promise<string[]> {
    const keys = (await this.#ask(`${compute}/os-keypairs`))['keypairs'] as { keypair: Thing }[];
    const groups = (await this.#owned('security-groups')).filter(({ name }) => name !== 'default');
    return [
      ...(await this.#servers()).map(({ id }) => `server ${id}`),
      ...keys.map(({ keypair }) => `key pair ${keypair.name ?? ''}`),
      ...groups.map(({ id }) => `security group ${id}`),
      ...(await this.#owned('ports')).map(({ id }) => `port ${id}`),
      ...(await this.#owned('floatingips')).map(({ id }) => `floating IP ${id}`),
    ];
  }

  /**
   * Waits until no server starts or goes, which two looks must find: one that was deleted before it was scheduled is in no
   * list for a moment, and in the next one until its conductor gives it up. What is `DELETED` has no task any more, and is
   * listed until it is really gone.
   */
  async settle(): Promise<void> {
    const isMoving = (one: Thing) =>
      one.status === 'BUILD' || one.status === 'DELETED' || one['OS-EXT-STS:task_state'] !== null;
    const until = Date.now() + settleMs;
    let moving: string[] = [];
    for (let quiet = 0; quiet < 2; quiet += 1) {
      moving = (await this.#servers()).filter(isMoving).map(({ id, status }) => `${id} (${status ?? ''})`);
      if (moving.length > 0) quiet = -1;
      if (Date.now() > until) throw new Error(`servers of the lab neither start nor go: ${moving.join(', ')}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Makes a server without any tag; its id. */
  async foreign(): Promise<string> {
    const [image] = (await this.#ask('http://127.0.0.1:19292/v2/images'))['images'] as Thing[];
    const flavors = (await this.#ask(`${compute}/flavors`))['flavors'] as Thing[];
    const flavor = flavors.find(({ name }) => name === 'm1.tiny');
    const server = { name: 'foreign', imageRef: image?.id, flavorRef: flavor?.id, networks: 'auto' };
    const made = await this.#ask(`${compute}/servers`, { method: 'POST', body: JSON.stringify({ server }) });
    const { id } = made['server'] as Thing;
    this.#strangers.push(id);
    await this.settle();
    return id;
  }

  /** Removes the servers that `foreign` made. */
  async clear(): Promise<void> {
    const headers = headersOf(this.#own.token);
    for (const id of this.#strangers) await fetch(`${compute}/servers/${id}`, { method: 'DELETE', headers });
  }

  /** A server's user-data, decoded, and key pair. */
  async given(id: string): Promise<{ readonly userData: string | null; readonly publicKey: string | null }> {
    // user-data is shown to administrators only
    const admin = headersOf((await login(this.#lab, 'admin', 'admin')).token);
    const shown = await this.#ask(`${compute}/servers/${id}`, { headers: admin });
    const { 'OS-EXT-SRV-ATTR:user_data': data, key_name: key } = shown['server'] as Record<string, string | null>;
    const asked = typeof key === 'string' ? await this.#ask(`${compute}/os-keypairs/${key}`) : {};
    return {
      userData: typeof data === 'string' ? Buffer.from(data, 'base64').toString() : null,
      publicKey: (asked['keypair'] as { public_key?: string } | undefined)?.public_key ?? null,
    };
  }

  /** What the rules of an owner's group let in: `tcp 22-22 IPv4 192.0.2.0/24`, members as `members`. */
  async letIn(owner: string): Promise<string[]> {
    const groups = (await this.#owned('security-groups')).filter(({ name }) => name === `wombat-${owner}-under-test`);
    const rules = groups.flatMap(({ security_group_rules: all = [] }) => all);
    const inward = rules.filter(({ direction }) => direction === 'ingress');
    return inward.map((rule) => {
      const from = rule.remote_group_id === null ? (rule.remote_ip_prefix ?? 'anybody') : 'members';
      return `${rule.protocol ?? ''} ${rule.port_range_min ?? ''}-${rule.port_range_max ?? ''} ${rule.ethertype} ${from}`;
    });
  }

  /** Makes an application credential; the value of a secret that holds it. */
  async applicationCredential(name: string): Promise<string> {
    const url = `${this.#lab.endpoint}/users/${this.#own.userId}/application_credentials`;
    const body = JSON.stringify({ application_credential: { name } });
    const made = await this.#ask(url, { method: 'POST', body });
    const { id, secret } = made['application_credential'] as { id: string; secret: string };
    return JSON.stringify({ applicationCredentialId: id, applicationCredentialSecret: secret });
  }

  async #ask(url: string, options: RequestInit = {}): Promise<Record<string, unknown>> {
    const answer = await fetch(url, { headers: headersOf(this.#own.token), ...options });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text.slice(0, 300)}`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  async #owned(what: string): Promise<Thing[]> {
    const answer = await this.#ask(`${network}/${what}?project_id=${this.#own.projectId}`);
    return answer[what.replace('-', '_')] as Thing[];
  }

  async #servers(): Promise<Thing[]> {
    const found: Thing[] = [];
    for (;;) {
      const last = found.at(-1);
      const marker = last === undefined ? '' : `?marker=${last.id}`;
      const page = (await this.#ask(`${compute}/servers/detail${marker}`))['servers'] as Thing[];
      found.push(...page);
      if (page.length === 0) return found;
    }
  }
}
