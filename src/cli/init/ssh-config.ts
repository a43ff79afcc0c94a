/** Hosts of OpenSSH's own files: `ssh_config(5)` for how to reach them, `known_hosts` (sshd(8)) for their keys. Pure. */
import { createHash, createHmac } from 'node:crypto';

/** A host that a person can already reach. */
export interface ConfiguredHost {
  /** as it is called in the file */
  readonly alias: string;
  readonly address: string;
  readonly port: number;
  readonly user: string | null;
  readonly identityFile: string | null;
  /** SHA256 fingerprint; null when it is in no known_hosts file */
  readonly hostKey: string | null;
}

/** The hosts that a configuration names one by one; patterns and `Match` blocks are no hosts. First value wins, as there. */
export function configuredHosts(config: string, knownHosts: string): ConfiguredHost[] {
  const keys = readKnownHosts(knownHosts);
  return blocks(config).flatMap(({ names, settings }) =>
    names
      .filter((name) => !/[*?!]/.test(name))
      .map((alias) => {
        const address = settings.get('hostname') ?? alias;
        const port = Number(settings.get('port') ?? 22);
        const [user = null, identityFile = null] = [settings.get('user'), settings.get('identityfile')];
        return { alias, address, port, user, identityFile, hostKey: keyOf(keys, address, port) };
      }),
  );
}

interface Block {
  readonly names: readonly string[];
  readonly settings: ReadonlyMap<string, string>;
}

function blocks(config: string): Block[] {
  const found: { names: string[]; settings: Map<string, string> }[] = [];
  for (const line of config.split('\n')) {
    const [, keyword = '', value = ''] = /^\s*(\w+)(?:\s*=\s*|\s+)"?([^"#]*?)"?\s*$/.exec(line) ?? [];
    const key = keyword.toLowerCase();
    if (key === 'host') found.push({ names: value.split(/\s+/), settings: new Map() });
    else if (key === 'match') found.push({ names: [], settings: new Map() });
    else if (key !== '' && found.at(-1)?.settings.has(key) === false) found.at(-1)?.settings.set(key, value);
  }
  return found;
}

interface KnownKey {
  readonly hosts: string;
  readonly type: string;
  readonly blob: string;
}

function readKnownHosts(text: string): KnownKey[] {
  return text.split('\n').flatMap((line) => {
    const [, hosts, type, blob] = /^(?!@)([^#\s]\S*)\s+(\S+)\s+(\S+)/.exec(line) ?? [];
    return hosts === undefined || type === undefined || blob === undefined ? [] : [{ hosts, type, blob }];
  });
}

/** The fingerprint of a host's key, Ed25519 before others; names may be hashed (`|1|salt|HMAC-SHA1`). */
function keyOf(keys: readonly KnownKey[], address: string, port: number): string | null {
  const name = port === 22 ? address : `[${address}]:${port}`;
  const own = keys.filter(({ hosts }) => hosts.split(',').some((one) => isNamed(one, name)));
  const key = own.find(({ type }) => type === 'ssh-ed25519') ?? own[0];
  if (key === undefined) return null;
  const digest = createHash('sha256').update(Buffer.from(key.blob, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

function isNamed(pattern: string, name: string): boolean {
  const [, salt, hash] = /^\|1\|([^|]+)\|(.+)$/.exec(pattern) ?? [];
  if (salt === undefined || hash === undefined) return pattern === name;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}
