/** The parts of POSIX shell text (POSIX.1-2024, Shell Command Language), as far as our builders use them. */

/** A part of a word; what stands in quotes is neither split nor taken for a pattern. */
export type Part = { readonly quoted: boolean } & (
  | { readonly part: 'text'; readonly text: string }
  | { readonly part: 'variable'; readonly name: string; readonly operator: string; readonly argument: Word }
  | { readonly part: 'output'; readonly body: Command }
  | { readonly part: 'sum'; readonly expression: Word }
);

/** A word before its expansion. */
export type Word = readonly Part[];

/** A redirection: `fd` is -1 where the operator says which. */
export interface Redirection {
  readonly fd: number;
  readonly operator: '<' | '>' | '>>' | '<&' | '>&' | '<<';
  readonly target: Word;
}

/** A command. */
export type Command =
  | {
      readonly kind: 'simple';
      readonly assignments: readonly (readonly [string, Word])[];
      readonly words: readonly Word[];
      readonly redirections: readonly Redirection[];
    }
  | { readonly kind: 'list'; readonly commands: readonly Command[] }
  | { readonly kind: 'and' | 'or'; readonly left: Command; readonly right: Command }
  | { readonly kind: 'not'; readonly body: Command }
  | { readonly kind: 'pipe'; readonly commands: readonly Command[] }
  | { readonly kind: 'subshell'; readonly body: Command }
  | { readonly kind: 'if'; readonly arms: readonly (readonly [Command, Command])[]; readonly otherwise: Command | null }
  | { readonly kind: 'while'; readonly until: boolean; readonly condition: Command; readonly body: Command }
  | { readonly kind: 'for'; readonly name: string; readonly words: readonly Word[] | null; readonly body: Command }
  | { readonly kind: 'case'; readonly word: Word; readonly arms: readonly (readonly [readonly Word[], Command])[] }
  | { readonly kind: 'function'; readonly name: string; readonly body: Command }
  | { readonly kind: 'redirected'; readonly body: Command; readonly redirections: readonly Redirection[] };

/** Shell text that this reader, or an act that this host, does not know: never passed over. */
export class NotUnderstood extends Error {
  override readonly name = 'NotUnderstood';
}
