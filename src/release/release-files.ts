/** The files of a release that say what it is: the resource file, the application files, `start_erl.data`. */
import { asAtom, asList, asTagged, asText, asTuple, parseTerms, property } from '../erlang/term/term.ts';
import { wordsOf } from '../base/fault.ts';
import { refused, refusedEntry } from './limits.ts';
import type { Inspection } from '../model/release.ts';
import type { Term } from '../erlang/term/term.ts';

type Application = Inspection['applications'][number];

/** A release resource file: rel(4). */
export interface ReleaseResource {
  readonly name: string;
  readonly version: string;
  readonly erts: string;
  readonly applications: readonly Application[];
}

/** An application resource file: app(4). */
export interface ApplicationResource {
  readonly name: string;
  readonly version: string;
}

const startTypes = ['permanent', 'transient', 'temporary', 'load', 'none'] as const;

/** Reads `{release, {Name, Version}, {erts, Erts}, [{Application, Version} | …]}.`; Fault `invalid` when it is something else. */
export function parseReleaseResource(path: string, text: string): ReleaseResource {
  const release = asTagged(only(path, text), 'release', 4);
  const [name, version] = (asTuple(release?.[1], 2) ?? []).map(asText);
  const erts = asText(asTagged(release?.[2], 'erts', 2)?.[1]);
  const listed = asList(release?.[3]);
  if (name === undefined || version === undefined || erts === undefined || listed === undefined)
    throw refusedEntry(path, 'is no release resource file: {release, {Name, Version}, {erts, Version}, Applications}');
  const names = { name: plain(path, name), version: plain(path, version), erts: plain(path, erts) };
  return { ...names, applications: listed.map((entry) => application(path, entry)) };
}

/** `{Name, Version}`, with a start type and a list of included applications behind it, or either. */
function application(path: string, entry: Term): Application {
  const [name, version, third] = asTuple(entry) ?? [];
  const [named, versioned] = [asAtom(name), asText(version)];
  if (named === undefined || versioned === undefined)
    throw refusedEntry(path, 'lists an application without name or version');
  const start = startTypes.find((type) => type === asAtom(third)) ?? 'permanent';
  return { name: plain(path, named), version: plain(path, versioned), start };
}

/** Reads `{application, Name, [{vsn, Version}, …]}.` */
export function parseApplicationResource(path: string, text: string): ApplicationResource {
  const application = asTagged(only(path, text), 'application', 3);
  const name = asAtom(application?.[1]);
  const version = asText(property(application?.[2], 'vsn'));
  if (name === undefined || version === undefined)
    throw refusedEntry(path, 'is no application resource file with a name and a vsn');
  return { name: plain(path, name), version: plain(path, version) };
}

/** `start_erl.data` says which of several releases runs: `ERTS-VERSION RELEASE-VERSION`. */
export function parseStartErlData(text: string): { readonly erts: string; readonly version: string } {
  const [erts, version, ...more] = text.trim().split(/\s+/);
  if (erts === undefined || version === undefined || more.length > 0 || erts === '')
    throw refused('its releases/start_erl.data does not say "ERTS-VERSION RELEASE-VERSION"');
  return { erts: plain('releases/start_erl.data', erts), version: plain('releases/start_erl.data', version) };
}

function only(path: string, text: string): Term | undefined {
  try {
    return parseTerms(text)[0];
  } catch (error) {
    throw refusedEntry(path, `cannot be read as Erlang terms: ${wordsOf(error)}`);
  }
}

/** Names and versions become parts of paths, command lines and tables: nothing may hide in them. */
function plain(path: string, text: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.+~@-]{0,127}$/.test(text))
    throw refusedEntry(
      path,
      `holds the name or version ${JSON.stringify(text.slice(0, 80))}, which has other characters than letters, digits and _ . + ~ @ -`,
    );
  return text;
}
