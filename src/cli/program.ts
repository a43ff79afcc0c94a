/** The tree of commands, and how commander is to behave: our words, our exit codes. */
import { Command } from 'commander';
import { version } from '../base/version.ts';
import { applyCommand } from './commands/apply.ts';
import { auditCommand } from './commands/audit.ts';
import { backupCommand } from './commands/backup.ts';
import { destroyCommand } from './commands/destroy.ts';
import { diffCommand } from './commands/diff.ts';
import { domainListCommand } from './commands/domain-list.ts';
import { domainShowCommand } from './commands/domain-show.ts';
import { eventsCommand } from './commands/events.ts';
import { exportCommand } from './commands/export.ts';
import { initCommand } from './commands/init.ts';
import { familyCreateCommand } from './commands/family-create.ts';
import { familyListCommand } from './commands/family-list.ts';
import { familyRemoveCommand } from './commands/family-remove.ts';
import { familyScaleCommand } from './commands/family-scale.ts';
import { familySetCommand } from './commands/family-set.ts';
import { familyShowCommand } from './commands/family-show.ts';
import { nodeExecCommand } from './commands/node-exec.ts';
import { nodeListCommand } from './commands/node-list.ts';
import { nodeLogsCommand } from './commands/node-logs.ts';
import { nodeRemshCommand } from './commands/node-remsh.ts';
import { nodeRestartCommand } from './commands/node-restart.ts';
import { nodeRpcCommand } from './commands/node-rpc.ts';
import { nodeShowCommand } from './commands/node-show.ts';
import { nodeSpawnCommand } from './commands/node-spawn.ts';
import { nodeStartCommand } from './commands/node-start.ts';
import { nodeStopCommand } from './commands/node-stop.ts';
import { nodeTerminateCommand } from './commands/node-terminate.ts';
import { opCancelCommand } from './commands/op-cancel.ts';
import { opListCommand } from './commands/op-list.ts';
import { opShowCommand } from './commands/op-show.ts';
import { planCommand } from './commands/plan.ts';
import { providerAddCommand } from './commands/provider-add.ts';
import { providerCallsCommand } from './commands/provider-calls.ts';
import { providerCheckCommand } from './commands/provider-check.ts';
import { providerListCommand } from './commands/provider-list.ts';
import { providerRemoveCommand } from './commands/provider-remove.ts';
import { providerRotateKeyCommand } from './commands/provider-rotate-key.ts';
import { providerShowCommand } from './commands/provider-show.ts';
import { rebalanceCommand } from './commands/rebalance.ts';
import { repairCommand } from './commands/repair.ts';
import { releaseDeleteCommand } from './commands/release-delete.ts';
import { releaseInspectCommand } from './commands/release-inspect.ts';
import { releaseListCommand } from './commands/release-list.ts';
import { releaseUnquarantineCommand } from './commands/release-unquarantine.ts';
import { releaseUploadCommand } from './commands/release-upload.ts';
import { storeDowngradeCommand } from './commands/store-downgrade.ts';
import { storeMigrateCommand } from './commands/store-migrate.ts';
import { replicaListCommand } from './commands/replica-list.ts';
import { secretListCommand } from './commands/secret-list.ts';
import { secretPutCommand } from './commands/secret-put.ts';
import { secretRotateKeyCommand } from './commands/secret-rotate-key.ts';
import { secretRotateCookieCommand } from './commands/secret-rotate-cookie.ts';
import { restoreCommand } from './commands/restore.ts';
import { sweepCommand } from './commands/sweep.ts';
import { statusCommand } from './commands/status.ts';
import { tokenCreateCommand } from './commands/token-create.ts';
import { tokenListCommand } from './commands/token-list.ts';
import { tokenRotateCommand } from './commands/token-rotate.ts';
import { tokenRevokeCommand } from './commands/token-revoke.ts';
import { topologyShowCommand } from './commands/topology-show.ts';
import { topologyVerifyCommand } from './commands/topology-verify.ts';
import { upCommand } from './commands/up.ts';
import { validateCommand } from './commands/validate.ts';
import { watchCommand } from './commands/watch.ts';
import { withExamples } from './options.ts';
import type { Argument } from 'commander';
import type { World } from './world.ts';

type CommandMaker = (world: World) => Command;

const blueprintCommands: readonly CommandMaker[] = [
  upCommand,
  initCommand,
  validateCommand,
  planCommand,
  applyCommand,
  diffCommand,
  rebalanceCommand,
  exportCommand,
  statusCommand,
  watchCommand,
  eventsCommand,
  auditCommand,
  backupCommand,
  restoreCommand,
  destroyCommand,
  sweepCommand,
  repairCommand,
];

const objectCommands: readonly (readonly [string, string, readonly CommandMaker[]])[] = [
  [
    'provider',
    'where machines come from',
    [
      providerAddCommand,
      providerListCommand,
      providerShowCommand,
      providerCheckCommand,
      providerCallsCommand,
      providerRotateKeyCommand,
      providerRemoveCommand,
    ],
  ],
  ['store', 'where the control plane keeps its records', [storeMigrateCommand, storeDowngradeCommand]],
  ['replica', 'the control planes that share the work on one database', [replicaListCommand]],
  ['domain', 'the places at a provider where machines can be had', [domainListCommand, domainShowCommand]],
  [
    'release',
    'the OTP releases that nodes run',
    [releaseUploadCommand, releaseListCommand, releaseInspectCommand, releaseUnquarantineCommand, releaseDeleteCommand],
  ],
  [
    'family',
    'nodes that run one release, managed as one',
    [
      familyListCommand,
      familyShowCommand,
      familyCreateCommand,
      familySetCommand,
      familyScaleCommand,
      familyRemoveCommand,
    ],
  ],
  [
    'node',
    'single Erlang nodes',
    [
      nodeSpawnCommand,
      nodeListCommand,
      nodeShowCommand,
      nodeStartCommand,
      nodeStopCommand,
      nodeRestartCommand,
      nodeTerminateCommand,
      nodeLogsCommand,
      nodeExecCommand,
      nodeRpcCommand,
      nodeRemshCommand,
    ],
  ],
  [
    'secret',
    'what nobody else may read: names, never values',
    [secretListCommand, secretPutCommand, secretRotateCookieCommand, secretRotateKeyCommand],
  ],
  [
    'token',
    'who may come in, and what they may do',
    [tokenCreateCommand, tokenListCommand, tokenRotateCommand, tokenRevokeCommand],
  ],
  ['op', 'what was begun that takes time', [opListCommand, opShowCommand, opCancelCommand]],
  ['topology', 'which nodes see which, as declared and as proven', [topologyShowCommand, topologyVerifyCommand]],
];

const exitCodes = `
Exit codes:
  0 done, or nothing to do   1 error                  2 plan or diff: changes
  3 invalid input            4 no place satisfies     5 did not converge
  6 rolled back              7 stale plan, or locked  8 denied
  9 provider out of reach    124 not in time          130 detached by Ctrl-C

The control plane is found by WOMBAT_URL and WOMBAT_TOKEN_FILE, else in
WOMBAT_DIRECTORY (~/.local/share/wombat).`;

/** The whole command line. Parse errors are thrown as commander's own; see run.ts. */
export function program(world: World): Command {
  const root = new Command('wombat')
    .description('Runs an Erlang or Elixir release as one proven cluster on any mix of clouds.')
    .version(`wombat ${version}`, '--version', 'the version of this program')
    .option('--no-color', 'no colours; NO_COLOR does the same')
    .helpCommand(false);
  root.commandsGroup('Blueprints:');
  for (const make of blueprintCommands) root.addCommand(make(world));
  root.commandsGroup('Objects:');
  for (const [name, description, makers] of objectCommands) root.addCommand(group(world, name, description, makers));
  withExamples(root, [
    ['wombat up --detach', 'start the control plane'],
    ['wombat apply -f ants.yaml', 'run a cluster, and see it proven'],
    ['wombat status', 'how things stand'],
  ]).addHelpText('after', exitCodes);
  return withManners(root, world);
}

function group(world: World, name: string, description: string, makers: readonly CommandMaker[]): Command {
  const command = new Command(name).description(description).helpCommand(false);
  for (const make of makers) command.addCommand(make(world));
  return command.summary(command.commands.map((child) => child.name()).join(', '));
}

/** Nothing is written or ended behind our back: errors are thrown, help goes to standard output, 80 columns or more. */
function withManners(command: Command, world: World): Command {
  const { terminal } = world;
  command
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => terminal.paint.strong(title),
      subcommandTerm: (child) => [child.name(), ...child.registeredArguments.map(argumentTerm)].join(' '),
    })
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.note(text.trimEnd()),
      outputError: () => undefined,
      getOutHelpWidth: () => terminal.width,
      getErrHelpWidth: () => terminal.width,
    });
  for (const child of command.commands) withManners(child, world);
  return command;
}

function argumentTerm(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}
