/**
 * Declared commands: how a system that is no OTP release, or wants to be run by its own scripts, is started, asked and
 * stopped. Commands are shell text, run on the node's host in the node's folder (its HOME) with the node's environment;
 * the guide's page on releases lists the variables.
 */
import { z } from 'zod';

/** A shell command, or an Erlang call on the node where it is one that goes by our name, cookie and port. */
const Question = z.union([
  z.string().min(1).describe('a shell command: its status decides'),
  z.strictObject({ call: z.string().describe('an Erlang call on the node: module:function()') }),
]);
export type Question = z.infer<typeof Question>;

export const DeclaredCommands = z.strictObject({
  start: z
    .string()
    .min(1)
    .describe(
      'becomes the node: stays in the foreground, and when it ends the node has ended; so `exec` what is to run',
    ),
  probe: Question.describe('whether the node serves: a command that succeeds, or a call that answers true'),
  status: z
    .string()
    .min(1)
    .optional()
    .describe(
      'prints what the node itself knows, a line each: `version: 3.10.8`, and `member: NAME` for every node of its ' +
        'cluster as it sees it; its failure, with what it wrote, fails the proof. Needed for every mesh but none',
    ),
  stop: Question.optional().describe('asks the node to end; TERM when absent'),
});
export type DeclaredCommands = z.infer<typeof DeclaredCommands>;
