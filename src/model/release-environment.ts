/** The environment of nodes as far as it is ours: what a release's own scripts may not set otherwise. */

/** Variables that the scripts of relx and mix look for, and that are set for every node. */
export const ourVariables = [
  'HOME',
  'EMU',
  'PROGNAME',
  'ROOTDIR',
  'BINDIR',
  'PATH',
  'ERL_CRASH_DUMP',
  'ERL_CRASH_DUMP_SECONDS',
  'ERL_EPMD_PORT',
  'RELEASE_ROOT',
  'RELEASE_ROOT_DIR',
  'RELEASE_NAME',
  'RELEASE_VSN',
  'REL_NAME',
  'REL_VSN',
  'RELEASE_NODE',
  'RELEASE_DISTRIBUTION',
  'RELEASE_MODE',
  'RELEASE_TMP',
  'RELEASE_SYS_CONFIG',
  'RELEASE_VM_ARGS',
  'RELX_OUT_FILE_PATH',
  'RELDIR',
] as const;

/** Those that the text of a mix release's env.sh sets, RELEASE_COOKIE among them: it is left out, too. */
export function ourVariablesIn(script: string): string[] {
  const lines = script.split('\n').map((line) => line.trim());
  const set = lines.flatMap((line) => /^(?:export\s+)?([A-Z_]+)=/.exec(line)?.[1] ?? []);
  return [...ourVariables, 'RELEASE_COOKIE'].filter((name) => set.includes(name));
}
