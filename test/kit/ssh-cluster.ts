/** A control plane beside a lab of SSH hosts, and the ants on them: what flows over several hosts begin and end with. */
import { join } from 'node:path';
import { startSshHosts } from '../../lab/ssh-hosts.ts';
import type { SshLab } from '../../lab/ssh-hosts.ts';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import { secretName } from '../../src/model/secret.ts';
import { ControlPlane } from './control-plane.ts';
import { antsDocument, uploadAnts } from './deployment.ts';

const reference = 'secret://file/lab.key';

/** How one differs from another; each has a network and ports of its own, so that flows can run side by side. */
export interface SshClusterOptions {
  /** hosts are 10.78.NETWORK.11 and on */
  readonly network: number;
  readonly epmdPort: number;
  readonly firstPort: number;
  /** a host that is out of reach for so long is lost */
  readonly lostAfterSeconds: number;
  readonly hosts?: number;
}

/** A control plane and its lab, started. */
export interface SshCluster {
  readonly plane: ControlPlane;
  readonly lab: SshLab;
  /** A master and a colony of so many, somewhere on the hosts; the release is uploaded. */
  document(colony: number): Promise<BlueprintDocument>;
  stop(): Promise<void>;
}

/** Starts both, the key to the hosts kept as a secret. */
export async function startSshCluster(options: SshClusterOptions): Promise<SshCluster> {
  const { network, epmdPort, firstPort, lostAfterSeconds, hosts: count = 3 } = options;
  const plane = await new ControlPlane().start();
  const lab = await startSshHosts({ count, directory: join(plane.directory, 'lab'), network }).catch(
    async (error: unknown) => {
      await plane.kill();
      throw error;
    },
  );
  await plane.client.secrets.put(secretName('ants', reference), lab.privateKey);
  return {
    plane,
    lab,
    async document(colony) {
      const hosts = lab.hosts.map(({ address, hostKey }) => ({ address, hostKey, user: lab.user }));
      const providers = { lab: { kind: 'ssh' as const, key: reference, hosts } };
      const digest = await uploadAnts(plane.client);
      const ants = antsDocument({ digest, epmdPort, firstPort, colony, providers });
      const domain = { provider: 'lab', ports: `${firstPort}-${firstPort + 99}`, lostAfterSeconds };
      return { ...ants, domains: { lab: domain } };
    },
    async stop() {
      await plane.stop();
      await lab.stop();
      plane.remove();
    },
  };
}
