/**
 * The network of a lab: one bridge on this machine and, per host, a named network namespace with one interface. All
 * names carry the lab's number, so that several labs stand side by side and what an earlier one left is found by name.
 */

import { removeCgroups } from './systemd.ts';

/** The names and addresses of lab number `network`. */
export interface LabNetwork {
  /** 0 to 254: the third part of its addresses */
  readonly number: number;
  /** at most 15 characters, as all interface names */
  readonly bridge: string;
  /** this machine's address on the bridge */
  readonly gateway: string;
}

export function labNetwork(number: number): LabNetwork {
  if (!Number.isInteger(number) || number < 0 || number > 254) throw new RangeError('a lab network is 0 to 254');
  return { number, bridge: `wombat${number}`, gateway: `10.78.${number}.1` };
}

/** One host's place in the network; hosts count from 1. */
export interface LabPlace {
  readonly namespace: string;
  /** the bridge's end of its cable */
  readonly link: string;
  readonly address: string;
}

export function labPlace(network: LabNetwork, ordinal: number): LabPlace {
  return {
    namespace: `${network.bridge}-${ordinal}`,
    link: `${network.bridge}h${ordinal}`,
    address: `10.78.${network.number}.${10 + ordinal}`,
  };
}

/** Makes the bridge. */
export function makeBridge({ bridge, gateway }: LabNetwork): string {
  return `set -e
ip link add ${bridge} type bridge
ip addr add ${gateway}/24 dev ${bridge}
ip link set ${bridge} up`;
}

/** Makes a host's namespace and plugs its cable in. */
export function plugIn(network: LabNetwork, { namespace, link, address }: LabPlace): string {
  return `set -e
ip netns add ${namespace}
ip link add ${link} type veth peer name eth0 netns ${namespace}
ip link set ${link} master ${network.bridge} up
ip -n ${namespace} link set lo up
ip -n ${namespace} addr add ${address}/24 dev eth0
ip -n ${namespace} link set eth0 up
ip -n ${namespace} route add default via ${network.gateway}`;
}

/**
 * Takes down whatever carries the lab's names, in whichever state an earlier run left it: the processes inside its
 * namespaces, these, the bridge, and the file system that holds its hosts' disks.
 */
export function tearDown({ bridge }: LabNetwork): string {
  return `
for ns in $(ip netns list | awk '$1 ~ /^${bridge}-[0-9]+$/{print $1}'); do
  for try in $(seq 50); do
    pids=$(ip netns pids $ns); [ -n "$pids" ] || break
    kill -KILL $pids 2>/dev/null; sleep 0.1
  done
  ip netns del $ns
done
${removeCgroups(`${bridge}-`)}
for link in $(ip -o link show type veth | awk -F'[ :@]+' '$2 ~ /^${bridge}h[0-9]+$/{print $2}'); do ip link del $link; done
ip link show ${bridge} >/dev/null 2>&1 && ip link del ${bridge}
for mounted in $(awk '$1 == "${bridge}"{print $2}' /proc/self/mounts); do
  for try in $(seq 50); do umount $mounted && break; sleep 0.1; done
  rmdir $mounted
done
exit 0`;
}
