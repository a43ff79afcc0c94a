/** The first blueprint of a project, with comments that say what else could stand there. Pure; what it writes is valid. */
import type { Project } from './project.ts';
import type { ConfiguredHost } from './ssh-config.ts';

/** What was found. */
export interface Found {
  readonly project: Project | null;
  readonly hosts: readonly ConfiguredHost[];
}

/** More hosts than that are not listed: a person would rather name them. */
const mostHosts = 10;
const unknownKey = 'SHA256:…';

/** The text of `wombat.yaml`. */
export function blueprintText({ project, hosts }: Found): string {
  const name = blueprintName(project);
  const [release, file] = [name, project?.archive ?? `${name}-VERSION.tar.gz`];
  return `# What should run, and where. Next: wombat plan (what would happen), wombat apply (do it).
wombat: 1
name: ${name}

providers:
  here: { kind: local }                  # this machine
${hostLines(hosts)}
releases:
  ${release}: { file: ${quoted(file)} }${buildNote(project)}

families:
  ${familyName(name)}:
    release: ${release}
    nodes: 2
    # demands: ["memory >= 512M"]         # what each node's machine must have
    # place: { apart: host }              # never two on one host
    # bootstrap:
    #   within: { select: all, action: distributed_erlang }   # whom a new node joins
    # config:
    #   env: { LANG: C.UTF-8 }
    #   sysConfig: { kernel: { logger_level: info } }
    # hooks: { beforeStop: "${familyName(name)}:drain()" }
    # update: { parallel: 1, minHealthySeconds: 10 }
`;
}

function blueprintName(project: Project | null): string {
  return (project?.name ?? 'example').replaceAll(/[^a-z0-9_-]/g, '_').slice(0, 63);
}

function familyName(name: string): string {
  return name.replaceAll('-', '_').slice(0, 40);
}

function buildNote(project: Project | null): string {
  if (project === null) return '   # rebar3 as prod tar, mix release with :tar, or systools:make_tar';
  return project.build === null ? '' : `   # ${project.build}`;
}

/** As a comment: whether to use them is a person's decision. */
function hostLines(hosts: readonly ConfiguredHost[]): string {
  if (hosts.length === 0)
    return `  # rack:                                # hosts that you reach over SSH
  #   kind: ssh
  #   key: secret://file/deploy_key
  #   hosts:
  #     - { address: 192.0.2.11, user: erl, hostKey: "${unknownKey}" }   # ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
`;
  const key = hosts.find(({ identityFile }) => identityFile !== null)?.identityFile ?? '~/.ssh/id_ed25519';
  const lines = hosts.slice(0, mostHosts).map(hostLine);
  return `  # rack:                                # hosts of your SSH configuration
  #   kind: ssh
  #   key: secret://file/${key}
  #   hosts:
${lines.join('\n')}
`;
}

function hostLine({ alias, address, port, user, hostKey }: ConfiguredHost): string {
  const at = port === 22 ? '' : `, port: ${port}`;
  return `  #     - { address: ${address}${at}, user: ${user ?? 'erl'}, hostKey: "${hostKey ?? unknownKey}" }   # ${alias}`;
}

function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : JSON.stringify(text);
}
