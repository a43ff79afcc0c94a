/**
 * Emulator flags that would break what the orchestrator answers for: a node's name, its cookie (which would land in its
 * argument list, I8) and its supervision. They are taken out, of the release's vm.args as of the family's, and reported
 * by name; their values are not repeated.
 */

/** Flags that are taken out together with their values. */
export const ourFlags = ['-name', '-sname', '-setcookie', '-heart', '-detached', '-start_epmd', '-args_file'] as const;

/** Those of them that a vm.args file sets, each once. Comments (`#` at the front of a word) count for nothing. */
export function ourFlagsIn(text: string): string[] {
  const words = text.split('\n').flatMap((line) => {
    const all = line.trim().split(/\s+/);
    const comment = all.findIndex((word) => word.startsWith('#'));
    return comment < 0 ? all : all.slice(0, comment);
  });
  return ourFlags.filter((flag) => words.includes(flag));
}
