/** An OpenStack project as its owner sees it without any adapter: plain calls, for looking at what was done and for doing what others do. */
import type { OpenStackLab } from '../../lab/openstack.ts';

/** What is looked at. */
interface Thing {
  readonly id: string;
  readonly name?: string;
  readonly status?: string;
  readonly 'OS-EXT-STS:task_state'?: string | null;
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

/** The project. */
export interface PlainProject {
  /** Everything that stands in it, by kind and id; the default group, which every project has, is left out. */
  standing(): Promise<string[]>;
  /** Waits until no server starts or goes. */
  settle(): Promise<void>;
  /** Makes a server without any tag; its id. */
  foreign(): Promise<string>;
  /** What the rules of an owner's group let in: `tcp 22-22 192.0.2.0/24`, members as `members`. */
  letIn(owner: string): Promise<string[]>;
  /** Makes an application credential; the value of a secret that holds it. */
  applicationCredential(name: string): Promise<string>;
  /** Removes the servers that `foreign` made. */
  clear(): Promise<void>;
  /** A server's user-data, decoded, and key pair. */
  given(id: string): Promise<{ readonly userData: string | null; readonly publicKey: string | null }>;
}

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
  const { token, projectId, userId } = await login(lab, 'lab', 'lab');
  const headers = headersOf(token);
  const ask = async (url: string, options: RequestInit = {}) => {
    const answer = await fetch(url, { headers, ...options });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text.slice(0, 300)}`);
    return JSON.parse(text) as Record<string, unknown>;
  };
  const servers = async () => {
    const found: Thing[] = [];
    for (;;) {
      const last = found.at(-1);
      const marker = last === undefined ? '' : `?marker=${last.id}`;
      const page = (await ask(`${compute}/servers/detail${marker}`))['servers'] as Thing[];
      found.push(...page);
      if (page.length === 0) return found;
    }
  };
  const own = async (what: string) =>
    (await ask(`${network}/${what}?project_id=${projectId}`))[what.replace('-', '_')] as Thing[];
  const standing = async () => {
    const keys = (await ask(`${compute}/os-keypairs`))['keypairs'] as { keypair: Thing }[];
    const groups = (await own('security-groups')).filter(({ name }) => name !== 'default');
    return [
      ...(await servers()).map(({ id }) => `server ${id}`),
      ...keys.map(({ keypair }) => `key pair ${keypair.name ?? ''}`),
      ...groups.map(({ id }) => `security group ${id}`),
      ...(await own('ports')).map(({ id }) => `port ${id}`),
      ...(await own('floatingips')).map(({ id }) => `floating IP ${id}`),
    ];
  };
  const settle = async () => {
    for (let round = 0; round < 600; round += 1) {
      const moving = (await servers()).filter((one) => one.status === 'BUILD' || one['OS-EXT-STS:task_state'] !== null);
      if (moving.length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('servers of the lab neither start nor go');
  };
  const strangers: string[] = [];
  const foreign = async () => {
    const [image] = (await ask('http://127.0.0.1:19292/v2/images'))['images'] as Thing[];
    const flavors = (await ask(`${compute}/flavors`))['flavors'] as Thing[];
    const flavor = flavors.find(({ name }) => name === 'm1.tiny');
    const server = { name: 'foreign', imageRef: image?.id, flavorRef: flavor?.id, networks: 'auto' };
    const made = await ask(`${compute}/servers`, { method: 'POST', body: JSON.stringify({ server }) });
    const { id } = made['server'] as Thing;
    strangers.push(id);
    await settle();
    return id;
  };
  const clear = async () => {
    for (const id of strangers) await fetch(`${compute}/servers/${id}`, { method: 'DELETE', headers });
  };
  const given = async (id: string) => {
    // user-data is shown to administrators only
    const admin = headersOf((await login(lab, 'admin', 'admin')).token);
    const shown = await ask(`${compute}/servers/${id}`, { headers: admin });
    const server = shown['server'] as Record<string, string | null>;
    const data = server['OS-EXT-SRV-ATTR:user_data'];
    const key = server['key_name'];
    const pair = key === null || key === undefined ? null : (await ask(`${compute}/os-keypairs/${key}`))['keypair'];
    return {
      userData: typeof data === 'string' ? Buffer.from(data, 'base64').toString() : null,
      publicKey: (pair as { public_key?: string } | null)?.public_key ?? null,
    };
  };
  const letIn = async (owner: string) => {
    const groups = (await own('security-groups')).filter(({ name }) => name === `wombat-${owner}`);
    const rules = groups.flatMap(
      (group) => (group as unknown as { security_group_rules: RuleOfGroup[] }).security_group_rules,
    );
    const inward = rules.filter(({ direction }) => direction === 'ingress');
    return inward.map((rule) => {
      const from = rule.remote_group_id === null ? (rule.remote_ip_prefix ?? 'anybody') : 'members';
      return `${rule.protocol ?? ''} ${rule.port_range_min ?? ''}-${rule.port_range_max ?? ''} ${rule.ethertype} ${from}`;
    });
  };
  const applicationCredential = async (name: string) => {
    const body = JSON.stringify({ application_credential: { name } });
    const made = await ask(`${lab.endpoint}/users/${userId}/application_credentials`, { method: 'POST', body });
    const { id, secret } = made['application_credential'] as { id: string; secret: string };
    return JSON.stringify({ applicationCredentialId: id, applicationCredentialSecret: secret });
  };
  return { standing, settle, foreign, clear, given, letIn, applicationCredential };
}
