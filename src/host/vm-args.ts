/** Takes the emulator flags that are ours out of argument lists and vm.args files. */
import { ourFlags } from '../model/emulator-flags.ts';

/** Flags that stay, in order, and the names of those that were taken out. */
export interface Stripped {
  readonly kept: readonly string[];
  readonly taken: readonly string[];
}

/** Takes our flags out of a list of arguments. A flag's values are what follows it up to the next flag (`-…`, `+…`). */
export function stripArguments(list: readonly string[]): Stripped {
  const kept: string[] = [];
  const taken: string[] = [];
  let dropping = false;
  for (const word of list) {
    if (/^[-+]/.test(word)) dropping = (ourFlags as readonly string[]).includes(word);
    if (!dropping) kept.push(word);
    else if (/^[-+]/.test(word)) taken.push(word);
  }
  return { kept, taken };
}

/**
 * The same for a vm.args file, as a program for awk: reads the file, writes what stays to `out`, prints `stripped=FLAG`
 * behind `tag`.
 * Comment lines go too. With `template=1` the file is a template of relx (`vm.args.src`): \`\${NAME}\` and \`\${NAME:-else}\`
 * stand for the node's environment.
 */
export const stripFileProgram = `
function expand(text,   done, name, other, at) {
  while (match(text, /[$][{][A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?[}]/)) {
    name = substr(text, RSTART + 2, RLENGTH - 3); other = ""; at = index(name, ":-")
    if (at) { other = substr(name, at + 2); name = substr(name, 1, at - 1) }
    done = done substr(text, 1, RSTART - 1) (ENVIRON[name] != "" ? ENVIRON[name] : other)
    text = substr(text, RSTART + RLENGTH)
  }
  return done text
}
BEGIN { printf "" >out }
plain { print expand($0) >out; next }
/^[ \\t]*#/ { next }
{
  line = template ? expand($0) : $0; count = split(line, word, /[ \\t\\r]+/); kept = ""; changed = 0
  for (i = 1; i <= count; i++) {
    if (word[i] == "") continue
    if (word[i] ~ /^#/) break
    if (word[i] ~ /^[-+]/) dropping = (word[i] ~ /^(${ourFlags.join('|')})$/)
    if (!dropping) { kept = kept " " word[i]; continue }
    changed = 1
    if (word[i] ~ /^[-+]/) print tag "stripped=" word[i]
  }
  if (!changed) print line >out
  else if (kept != "") print substr(kept, 2) >out
}`.trim();
