/** The blueprint of the demo: a master here, a colony spread over this machine and the SSH hosts. */
import type { SshLab } from '../../lab/ssh-hosts.ts';

/** The colony's size in the blueprint. */
export const colonyNodes = 6;

/** The file's text; without hosts everything is on this machine. */
export function blueprintText(lab: SshLab | undefined): string {
  return `wombat: 1
name: ants
epmdPort: 24380
providers:
  here: { kind: local${lab === undefined ? '' : `, address: ${lab.gateway}`} }
${lab === undefined ? '' : labProvider(lab)}domains:
  desk: { provider: here, ports: 24400-24499, capabilities: { country: SE } }
${lab === undefined ? '' : '  rack: { provider: lab, capabilities: { country: SE, tier: gold } }\n'}releases:
  ants: { file: ./ants-1.0.0.tar.gz }
families:
  master:
    release: ants
    nodes: 1
    demands: ["provider = here", "memory >= 128M"]
    config: { sysConfig: { ants: { role: master } } }
  colony:
    release: ants
    nodes: ${colonyNodes}
    demands: ["memory >= 64M", "country in [SE, FI]"]
${lab === undefined ? '' : '    prefer: [{ that: "tier = gold", weight: 20 }]\n'}    place: { spread: { over: host } }
    mesh: full
    bootstrap:
      within: { select: random, action: distributed_erlang }
      with:
        master:
          select: all
          action:
            done: { on: new, call: "ants_colony:joined(Peer)" }
            join: { on: new, call: "ants_colony:join(Peer)" }
            leave: { on: peer, call: "ants_master:forget(New)" }
    hooks: { beforeStop: "ants_colony:drain()" }
`;
}

function labProvider(lab: SshLab): string {
  const hosts = lab.hosts.map(
    (host) => `      - { address: ${host.address}, user: ${lab.user}, hostKey: "${host.hostKey}" }`,
  );
  return `  lab:
    kind: ssh
    key: secret://file/${lab.privateKeyFile.split('/').slice(-2).join('/')}
    hosts:
${hosts.join('\n')}
`;
}
