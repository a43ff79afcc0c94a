/** From which versions a release can be upgraded while it runs: `appup(4)` of its applications, `relup(4)` of its own. */
import { asList, asText, asTuple, parseTerms } from '../erlang/term/term.ts';
import type { Upgrades } from '../model/release.ts';
import type { Term } from '../erlang/term/term.ts';
import type { Contents } from './contents.ts';

/** What its `.appup` files and its `relup` lead from and back to. */
export function upgradesOf({ texts }: Pick<Contents, 'texts'>, version: string): Upgrades {
  const applications = [...texts].flatMap(([path, text]) => {
    const name = /^lib\/[^/]+\/ebin\/([^/]+)\.appup$/.exec(path)?.[1];
    const found = name === undefined ? undefined : instructions(text);
    return name === undefined || found === undefined ? [] : [{ name, ...found }];
  });
  const relup = instructions(texts.get(`releases/${version}/relup`) ?? '');
  return { applications, release: relup === undefined ? null : { from: relup.from, downTo: relup.downTo } };
}

/**
 * Both are `{Version, [{From, …}, …], [{DownTo, …}, …]}.`; a version of an appup may be a regular expression, a binary.
 * A file that says something else is no way to upgrade, and no reason to refuse a release that may never be.
 */
function instructions(text: string): { version: string; from: string[]; downTo: string[] } | undefined {
  const [version, up, down] = asTuple(only(text), 3) ?? [];
  const [named, from, downTo] = [asText(version), versionsOf(up), versionsOf(down)];
  if (named === undefined || from === undefined || downTo === undefined) return undefined;
  return { version: named, from, downTo };
}

function versionsOf(list: Term | undefined): string[] | undefined {
  const versions = asList(list)?.map((entry) => asText(asTuple(entry)?.[0]));
  return versions?.every((version) => version !== undefined) === true ? versions : undefined;
}

function only(text: string): Term | undefined {
  try {
    return parseTerms(text)[0];
  } catch {
    return undefined;
  }
}
