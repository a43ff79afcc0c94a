/** The SSH server of a simulated host: lets in who has a key that its project knows, runs scripts, forwards to nodes. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import ssh2 from 'ssh2';
import type { Connection, ServerChannel, Session } from 'ssh2';
import { gathered } from '../../src/base/ssh/gathered.ts';
import type { SimulatedHost } from './host.ts';
import { SimulatedNode } from './emulator.ts';
import { NotUnderstood } from './shell/syntax.ts';

/** What all hosts of one run share. */
export interface SshSettings {
  /** private key that the host shows */
  readonly hostKey: string;
  /** public keys that are let in, as lines of authorized_keys */
  keys(): readonly string[];
  /** What is not understood is a fault of the benchmark, not of a host. */
  failed(words: string): void;
}

/** A server that listens. */
export interface SshServer {
  close(): void;
}

/** Listens at the host's address. */
export async function serveSsh(host: SimulatedHost, settings: SshSettings): Promise<SshServer> {
  const open = new Set<Connection>();
  const ssh = new ssh2.Server({ hostKeys: [settings.hostKey] }, (client) => {
    open.add(client);
    client.on('close', () => open.delete(client));
    client.on('error', () => undefined);
    client.on('authentication', (context) => {
      if (context.method !== 'publickey') context.reject(['publickey']);
      else if (isKnown(context, settings.keys())) context.accept();
      else context.reject(['publickey']);
    });
    client.on('session', (accept) => take(accept(), host, settings));
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      const node = [...host.emulators.values()].find(({ port }) => port === destPort);
      if (destIP !== host.address || !(node instanceof SimulatedNode)) reject();
      else node.accept(accept());
    });
  });
  // as an SSH server of this world does, it writes a packet at once and not in pieces
  const server = createServer({ noDelay: true }, (socket) => ssh.injectSocket(gathered(socket)));
  server.listen(22, host.address);
  await once(server, 'listening');
  return {
    close() {
      server.close();
      for (const client of open) client.end();
    },
  };
}

function isKnown(context: ssh2.PublicKeyAuthContext, keys: readonly string[]): boolean {
  for (const line of keys) {
    const key = ssh2.utils.parseKey(line);
    if (key instanceof Error || !key.getPublicSSH().equals(context.key.data)) continue;
    if (context.signature === undefined || context.blob === undefined) return true;
    if (key.verify(context.blob, context.signature, context.hashAlgo)) return true;
  }
  return false;
}

function take(session: Session, host: SimulatedHost, settings: SshSettings): void {
  session.on('exec', (accept, _reject, { command }) => {
    const channel = accept();
    // a line that has no input of its own says so
    if (command.endsWith('</dev/null')) run(channel, host, settings, { command, input: '' });
    else {
      const parts: Buffer[] = [];
      channel.on('data', (part: Buffer) => parts.push(part));
      channel.on('end', () =>
        run(channel, host, settings, { command, input: Buffer.concat(parts).toString('latin1') }),
      );
    }
  });
}

interface Asked {
  readonly command: string;
  readonly input: string;
}

function run(channel: ServerChannel, host: SimulatedHost, settings: SshSettings, { command, input }: Asked): void {
  // whoever asked may have gone since
  channel.on('error', () => undefined);
  if (!channel.writable) return;
  try {
    const { code, stdout, stderr } = host.session(command, input);
    if (stdout !== '') channel.write(stdout);
    if (stderr !== '') channel.stderr.write(stderr);
    channel.exit(code);
  } catch (error) {
    const words = error instanceof NotUnderstood ? error.message : String(error instanceof Error ? error.stack : error);
    settings.failed(words);
    channel.stderr.write(words);
    channel.exit(250);
  }
  channel.end();
}
