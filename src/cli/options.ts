/** Options that mean the same on every command that has them, and how their values are read. */
import { InvalidArgumentError, Option } from 'commander';
import { durationMs } from './quantity.ts';
import { formats } from './output.ts';
import type { Command } from 'commander';
import type { BeginOptions } from '../client/client.ts';
import type { Format } from './output.ts';
import type { World } from './world.ts';

/** Values of `-o`. */
export interface OutputOptions {
  readonly output: Format;
}

/** Values of `-f`. */
export interface FileOptions {
  readonly file: string;
}

/** Values of `-y`. */
export interface YesOptions {
  readonly yes?: true;
}

/** Values of `-b`. */
export interface BlueprintOptions {
  readonly blueprint?: string;
}

/** What a list is asked for: what belongs to one blueprint, where one is named. */
export function ofBlueprint(blueprint: string | undefined): { blueprint?: string } {
  return blueprint === undefined ? {} : { blueprint };
}

/** Values of `--wait` and `--timeout`. */
export interface StayOptions {
  readonly wait: boolean;
  /** milliseconds */
  readonly timeout: number;
}

/** Values of `--wait`, `--timeout`, `--deadline` and `--roll-back`. */
export interface WaitOptions extends StayOptions {
  /** milliseconds */
  readonly deadline?: number;
  readonly rollBack?: true;
}

/** How something is begun: until when the answer is waited for, and how long the control plane goes on with it. */
export function beginning({ signal }: World, { deadline, rollBack }: WaitOptions): BeginOptions {
  return {
    signal,
    ...(deadline === undefined ? {} : { deadlineSeconds: Math.max(1, Math.round(deadline / 1_000)) }),
    ...(rollBack === undefined ? {} : { rollBack }),
  };
}

/** Ten minutes: enough for machines that have to be made first. */
const defaultTimeoutMs = 600_000;

/** Adds `-o`. */
export function withOutput(command: Command): Command {
  const words = `${formats.slice(0, -1).join(', ')} or ${formats.at(-1) ?? ''}`;
  return command.addOption(new Option('-o, --output <format>', words).argParser(readFormat).default('table', 'table'));
}

function readFormat(text: string): Format {
  const format = formats.find((one) => one === text);
  if (format === undefined) throw new InvalidArgumentError(`It is one of ${formats.join(', ')}.`);
  return format;
}

/** The file that is read when `-f` names none. */
export const defaultFile = 'wombat.yaml';

/** Adds `-f`. */
export function withFile(command: Command): Command {
  return command.option('-f, --file <file>', 'the blueprint; - reads standard input', defaultFile);
}

/** Adds `-y`. */
export function withYes(command: Command): Command {
  return command.option('-y, --yes', 'do not ask');
}

/** Adds `--wait`, `--no-wait` and `--timeout`. */
export function withStay(command: Command, until: string): Command {
  return command
    .option('--wait', `stay until ${until}`, true)
    .option('--no-wait', 'return as soon as the control plane has taken it over')
    .addOption(timeoutOption('how long to wait'));
}

/** The same for what begins an operation, which has `--deadline` and `--roll-back`. */
export function withWait(command: Command, until: string): Command {
  return withStay(command, until)
    .addOption(new Option('--deadline <duration>', 'it has failed when not done by then (1h)').argParser(readDuration))
    .option('--roll-back', 'take back what was done when the deadline passes');
}

/** `--timeout`, in milliseconds. */
export function timeoutOption(description: string): Option {
  return new Option('--timeout <duration>', description).argParser(readDuration).default(defaultTimeoutMs, '10m');
}

/** Reads `90s` or `10m`; refuses what is no duration. */
function readDuration(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined) throw new InvalidArgumentError('A duration looks like 90s, 10m or 1h30m.');
  return ms;
}

/** Reads a duration as whole seconds; `0s` is one. */
export function readSeconds(text: string): number {
  return Math.floor(readDuration(text) / 1000);
}

/** Reads a whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least) {
      throw new InvalidArgumentError(`A whole number of at least ${least} is needed.`);
    }
    return number;
  };
}

/** Adds `-b`, which says of which blueprint a node or family is. */
export function withBlueprint(command: Command, description: string): Command {
  return command.option('-b, --blueprint <name>', description);
}

/** Adds examples below the help: pairs of a command line and what it does. */
export function withExamples(command: Command, examples: readonly (readonly [string, string])[]): Command {
  const lines = examples.flatMap(([line, what]) => [`  # ${what}`, `  $ ${line}`]);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}
