/** `wombat …` as a user types it, against one control plane. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const binary = join(import.meta.dirname, '..', '..', 'bin', 'wombat');

/** How a command ended: its exit code, and what it said on both outputs. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command with the control plane's folder in its environment. */
export function wombat(
  directory: string,
  args: readonly string[],
  { cwd = process.cwd(), input = '' }: { readonly cwd?: string; readonly input?: string } = {},
): Promise<Said> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    WOMBAT_DIRECTORY: directory,
    NO_COLOR: '1',
    COLUMNS: '80',
  };
  const child = spawn(binary, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input);
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, ...said }));
  });
}
