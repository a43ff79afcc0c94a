/**
 * Guests of a small OpenStack: each server that is made there becomes a host of the lab at the address that it was given,
 * runs the user-data of its order at its first boot, and is switched off when the server goes. So what clouds make is entered
 * for real, by a real sshd.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { startSshHosts } from '../../lab/ssh-hosts.ts';
import type { LabHost, SshLab } from '../../lab/ssh-hosts.ts';
import { openOpenStackServer } from '../clouds/openstack-server.ts';
import type { OpenStackServer } from '../clouds/openstack-server.ts';

const lookMs = 200;
/** The lab's hosts are 10.78.<network>.11 and up, and so are the servers' addresses on this subnet. */
const firstHost = 10;

/** A cloud whose servers have real shells. */
export interface GuestCloud {
  readonly server: OpenStackServer;
  /** the subnet that the domains must name */
  readonly subnet: string;
  /** by the id of its server; undefined while it is being made */
  guest(id: string): LabHost | undefined;
  stop(): Promise<void>;
}

/** Opens the cloud, its guests in that lab network. */
export async function openGuestCloud(directory: string, network: number): Promise<GuestCloud> {
  const server = await openOpenStackServer({ taken: network * 256 + firstHost });
  const lab = await startSshHosts({ count: 0, directory, network });
  const guests = new Map<string, Promise<LabHost>>();
  const made = new Map<string, LabHost>();
  let stopped = false;
  const watch = async (): Promise<void> => {
    while (!stopped) {
      for (const [id, { userData }] of server.one.nova.servers) {
        if (guests.has(id)) continue;
        const guest = lab.add(ordinalOf(server, id), Buffer.from(userData ?? '', 'base64').toString());
        guests.set(id, guest);
        void guest.then((host) => made.set(id, host));
      }
      for (const [id, host] of made)
        if (!server.one.nova.servers.has(id) && made.delete(id)) await host.powerOff().catch(() => undefined);
      await pause(lookMs);
    }
  };
  const watching = watch();
  return {
    server,
    subnet: 'guests-b',
    guest: (id) => made.get(id),
    stop: async () => {
      stopped = true;
      await watching;
      await stopAll(server, lab, guests);
    },
  };
}

async function stopAll(server: OpenStackServer, lab: SshLab, guests: ReadonlyMap<string, Promise<LabHost>>) {
  await Promise.allSettled(guests.values());
  await lab.stop();
  await server.stop();
}

function ordinalOf(server: OpenStackServer, id: string): number {
  const [first] = (server.one.neutron.addressesOf(id)['guests'] ?? []) as { readonly addr?: string }[];
  return Number(first?.addr?.split('.').at(-1)) - firstHost;
}
