/** Which commands there are, and where each comes from. */
import type { Command } from 'commander';
import type { World } from './world.ts';

/** Makes a command. */
export type CommandMaker = (world: World) => Command;

/** A command by its name, and where it comes from: loaded when it is meant, because loading all takes longer than most of them do. */
export type Entry = readonly [name: string, load: () => Promise<CommandMaker>];

/** Commands about one noun. */
export interface Group {
  readonly name: string;
  readonly description: string;
  readonly entries: readonly Entry[];
}

/** Those that stand by themselves. */
export const blueprintCommands: readonly Entry[] = [
  ['up', async () => (await import('./commands/up.ts')).upCommand],
  ['init', async () => (await import('./commands/init.ts')).initCommand],
  ['validate', async () => (await import('./commands/validate.ts')).validateCommand],
  ['plan', async () => (await import('./commands/plan.ts')).planCommand],
  ['apply', async () => (await import('./commands/apply.ts')).applyCommand],
  ['diff', async () => (await import('./commands/diff.ts')).diffCommand],
  ['rebalance', async () => (await import('./commands/rebalance.ts')).rebalanceCommand],
  ['export', async () => (await import('./commands/export.ts')).exportCommand],
  ['status', async () => (await import('./commands/status.ts')).statusCommand],
  ['watch', async () => (await import('./commands/watch.ts')).watchCommand],
  ['events', async () => (await import('./commands/events.ts')).eventsCommand],
  ['audit', async () => (await import('./commands/audit.ts')).auditCommand],
  ['backup', async () => (await import('./commands/backup.ts')).backupCommand],
  ['restore', async () => (await import('./commands/restore.ts')).restoreCommand],
  ['destroy', async () => (await import('./commands/destroy.ts')).destroyCommand],
  ['sweep', async () => (await import('./commands/sweep.ts')).sweepCommand],
  ['repair', async () => (await import('./commands/repair.ts')).repairCommand],
];

/** Those about one noun. */
export const objectCommands: readonly Group[] = [
  {
    name: 'provider',
    description: 'where machines come from',
    entries: [
      ['add', async () => (await import('./commands/provider-add.ts')).providerAddCommand],
      ['list', async () => (await import('./commands/provider-list.ts')).providerListCommand],
      ['show', async () => (await import('./commands/provider-show.ts')).providerShowCommand],
      ['check', async () => (await import('./commands/provider-check.ts')).providerCheckCommand],
      ['calls', async () => (await import('./commands/provider-calls.ts')).providerCallsCommand],
      ['rotate-key', async () => (await import('./commands/provider-rotate-key.ts')).providerRotateKeyCommand],
      ['remove', async () => (await import('./commands/provider-remove.ts')).providerRemoveCommand],
    ],
  },
  {
    name: 'store',
    description: 'where the control plane keeps its records',
    entries: [
      ['migrate', async () => (await import('./commands/store-migrate.ts')).storeMigrateCommand],
      ['downgrade', async () => (await import('./commands/store-downgrade.ts')).storeDowngradeCommand],
    ],
  },
  {
    name: 'replica',
    description: 'the control planes that share the work on one database',
    entries: [['list', async () => (await import('./commands/replica-list.ts')).replicaListCommand]],
  },
  {
    name: 'domain',
    description: 'the places at a provider where machines can be had',
    entries: [
      ['list', async () => (await import('./commands/domain-list.ts')).domainListCommand],
      ['show', async () => (await import('./commands/domain-show.ts')).domainShowCommand],
    ],
  },
  {
    name: 'release',
    description: 'the OTP releases that nodes run',
    entries: [
      ['upload', async () => (await import('./commands/release-upload.ts')).releaseUploadCommand],
      ['list', async () => (await import('./commands/release-list.ts')).releaseListCommand],
      ['inspect', async () => (await import('./commands/release-inspect.ts')).releaseInspectCommand],
      ['unquarantine', async () => (await import('./commands/release-unquarantine.ts')).releaseUnquarantineCommand],
      ['delete', async () => (await import('./commands/release-delete.ts')).releaseDeleteCommand],
    ],
  },
  {
    name: 'family',
    description: 'nodes that run one release, managed as one',
    entries: [
      ['list', async () => (await import('./commands/family-list.ts')).familyListCommand],
      ['show', async () => (await import('./commands/family-show.ts')).familyShowCommand],
      ['create', async () => (await import('./commands/family-create.ts')).familyCreateCommand],
      ['set', async () => (await import('./commands/family-set.ts')).familySetCommand],
      ['scale', async () => (await import('./commands/family-scale.ts')).familyScaleCommand],
      ['remove', async () => (await import('./commands/family-remove.ts')).familyRemoveCommand],
    ],
  },
  {
    name: 'node',
    description: 'single Erlang nodes',
    entries: [
      ['spawn', async () => (await import('./commands/node-spawn.ts')).nodeSpawnCommand],
      ['list', async () => (await import('./commands/node-list.ts')).nodeListCommand],
      ['show', async () => (await import('./commands/node-show.ts')).nodeShowCommand],
      ['start', async () => (await import('./commands/node-start.ts')).nodeStartCommand],
      ['stop', async () => (await import('./commands/node-stop.ts')).nodeStopCommand],
      ['restart', async () => (await import('./commands/node-restart.ts')).nodeRestartCommand],
      ['terminate', async () => (await import('./commands/node-terminate.ts')).nodeTerminateCommand],
      ['logs', async () => (await import('./commands/node-logs.ts')).nodeLogsCommand],
      ['exec', async () => (await import('./commands/node-exec.ts')).nodeExecCommand],
      ['rpc', async () => (await import('./commands/node-rpc.ts')).nodeRpcCommand],
      ['remsh', async () => (await import('./commands/node-remsh.ts')).nodeRemshCommand],
    ],
  },
  {
    name: 'secret',
    description: 'what nobody else may read: names, never values',
    entries: [
      ['list', async () => (await import('./commands/secret-list.ts')).secretListCommand],
      ['put', async () => (await import('./commands/secret-put.ts')).secretPutCommand],
      ['rotate-cookie', async () => (await import('./commands/secret-rotate-cookie.ts')).secretRotateCookieCommand],
      ['rotate-key', async () => (await import('./commands/secret-rotate-key.ts')).secretRotateKeyCommand],
    ],
  },
  {
    name: 'token',
    description: 'who may come in, and what they may do',
    entries: [
      ['create', async () => (await import('./commands/token-create.ts')).tokenCreateCommand],
      ['list', async () => (await import('./commands/token-list.ts')).tokenListCommand],
      ['rotate', async () => (await import('./commands/token-rotate.ts')).tokenRotateCommand],
      ['revoke', async () => (await import('./commands/token-revoke.ts')).tokenRevokeCommand],
    ],
  },
  {
    name: 'op',
    description: 'what was begun that takes time',
    entries: [
      ['list', async () => (await import('./commands/op-list.ts')).opListCommand],
      ['show', async () => (await import('./commands/op-show.ts')).opShowCommand],
      ['cancel', async () => (await import('./commands/op-cancel.ts')).opCancelCommand],
    ],
  },
  {
    name: 'topology',
    description: 'which nodes see which, as declared and as proven',
    entries: [
      ['show', async () => (await import('./commands/topology-show.ts')).topologyShowCommand],
      ['verify', async () => (await import('./commands/topology-verify.ts')).topologyVerifyCommand],
    ],
  },
];
