/** From the tree and the contents of an archive to what the release is and how it is booted. */
import { basename } from 'node:path/posix';
import { ourFlagsIn } from '../model/emulator-flags.ts';
import { ourVariablesIn } from '../model/release-environment.ts';
import { refused } from './limits.ts';
import { nativeNeeds } from './native-needs.ts';
import { otpOf } from './otp-version.ts';
import { parseApplicationResource, parseReleaseResource, parseStartErlData } from './release-files.ts';
import { upgradesOf } from './upgrades.ts';
import type { Inspection } from '../model/release.ts';
import type { ArchiveTree } from './archive-tree.ts';
import type { Contents } from './contents.ts';
import type { ReleaseResource } from './release-files.ts';

/** All that was gathered. */
export interface Gathered {
  readonly tree: ArchiveTree;
  readonly contents: Contents;
}

/** Fault `invalid` when the parts of a release are missing or contradict each other. */
export function describeRelease(gathered: Gathered): Inspection {
  const { tree, contents } = gathered;
  const version = releaseVersion(gathered);
  const resource = resourceOf(contents, version);
  const folder = `releases/${version}`;
  const first = (...names: string[]) => names.map((name) => `${folder}/${name}`).find((path) => tree.has(path)) ?? null;
  return {
    kind: kindOf(tree, folder, resource.name),
    name: resource.name,
    version,
    ...emulator(gathered, resource),
    applications: resource.applications.map((one) => ({ ...one, version: versionOf(contents, one) })),
    native: nativeNeeds(contents.native, new Set(Array.from(tree.paths(), (path) => basename(path)))),
    boot: bootOf(tree, folder, resource.name),
    vmArgs: first('vm.args', 'vm.args.src'),
    sysConfig: first('sys.config', 'sys.config.src'),
    leftOut: leftOut(gathered, folder),
    upgrades: upgradesOf(contents, version),
    files: tree.files,
    unpackedBytes: tree.bytes,
  };
}

/** What the release's own settings say of things that are ours. */
function leftOut({ tree, contents: { texts } }: Gathered, folder: string): string[] {
  const flags = texts.get(`${folder}/vm.args`) ?? texts.get(`${folder}/vm.args.src`) ?? '';
  const script = texts.get(`${folder}/env.sh`) ?? '';
  // the extended start script of relx would run them, and is not run
  const hooks = [...tree.paths()].some((path) => path.startsWith('bin/hooks/')) ? ['bin/hooks'] : [];
  return [...ourFlagsIn(flags), ...ourVariablesIn(script).map((name) => `env ${name}`), ...hooks];
}

/** An application says its version itself; the resource file of the release only repeats it. */
function versionOf({ texts }: Contents, { name, version }: Inspection['applications'][number]): string {
  const path = `lib/${name}-${version}/ebin/${name}.app`;
  const text = texts.get(path);
  return text === undefined ? version : parseApplicationResource(path, text).version;
}

/** The version that boots: as `start_erl.data` says, else the only one there is. */
function releaseVersion({ tree, contents }: Gathered): string {
  const paths = Array.from(tree.paths());
  const data = contents.texts.get('releases/start_erl.data');
  if (data !== undefined) return parseStartErlData(data).version;
  const booting = paths.map((path) => /^releases\/([^/]+)\/[^/]+\.boot$/.exec(path)?.[1]);
  const versions = [...new Set(booting.filter((version) => version !== undefined))].sort();
  const [version] = versions;
  if (version === undefined) throw withoutRelease(paths);
  if (versions.length > 1)
    throw refused(`it holds the releases ${versions.join(', ')}, and no releases/start_erl.data says which one boots`);
  return version;
}

/** Says what is missing, and where it was found instead. */
function withoutRelease(paths: readonly string[]): Error {
  const deeper = paths
    .map((path) => /^(.+)\/releases\/[^/]+\/[^/]+\.boot$/.exec(path)?.[1])
    .find((root) => root !== undefined);
  if (deeper !== undefined)
    return refused(
      `its releases folder lies below ${JSON.stringify(deeper)}, not at its root`,
      `archive the folder's content: tar -C ${deeper} -czf release.tar.gz .`,
    );
  if (paths.some((path) => path.startsWith('releases/')))
    return refused('its releases folder holds no boot file (releases/VERSION/start.boot)');
  return refused('it has no releases folder at its root');
}

/** The resource file in the version's own folder; systools puts a copy one level up, some tools only that. */
function resourceOf(contents: Contents, version: string): ReleaseResource {
  const read = (pattern: RegExp) =>
    [...contents.texts].filter(([path]) => pattern.test(path)).map(([path, text]) => parseReleaseResource(path, text));
  const own = [...contents.texts.keys()].some(
    (path) => path.startsWith(`releases/${version}/`) && path.endsWith('.rel'),
  );
  const candidates = read(own ? /^releases\/[^/]+\/[^/]+\.rel$/ : /^releases\/[^/]+\.rel$/);
  const fitting = candidates.filter((resource) => resource.version === version);
  const [resource] = fitting;
  if (resource === undefined) throw refused(`it holds no resource file (.rel) of the release ${version} that boots`);
  if (fitting.some((other) => other.name !== resource.name))
    throw refused(`several resource files (.rel) in it claim the version ${version}`);
  return resource;
}

/** mix writes env.sh beside its own elixir script, relx a script bin/NAME, systools neither. */
function kindOf(tree: ArchiveTree, folder: string, name: string): Inspection['kind'] {
  if (tree.has(`${folder}/env.sh`) || tree.has(`${folder}/elixir`)) return 'mix';
  return tree.has(`bin/${name}`) ? 'relx' : 'systools';
}

function bootOf(tree: ArchiveTree, folder: string, name: string): string {
  const boot = [`${folder}/start`, `${folder}/${name}`].find((path) => tree.has(`${path}.boot`));
  if (boot === undefined) throw refused(`it holds no boot file ${folder}/start.boot or ${folder}/${name}.boot`);
  return boot;
}

/** The emulator that the resource file names must be the one that the archive brings, if it brings one. */
function emulator(
  { tree, contents }: Gathered,
  { erts }: ReleaseResource,
): Pick<Inspection, 'erts' | 'ertsIncluded' | 'otp' | 'epmd'> {
  const brought = new Set(Array.from(tree.paths(), (path) => /^erts-([^/]+)\/bin\/erlexec$/.exec(path)?.[1]));
  brought.delete(undefined);
  if (brought.size > 0 && !brought.has(erts))
    throw refused(`it boots with erts ${erts} and brings erts ${[...brought].join(', ')}`);
  const ertsIncluded = brought.has(erts);
  const epmd = ertsIncluded ? `erts-${erts}/bin/epmd` : null;
  return { erts, ertsIncluded, otp: statedOtp(contents) ?? otpOf(erts), epmd };
}

/** `releases/25/OTP_VERSION` is there when OTP's own folder was packed whole. */
function statedOtp({ texts }: Contents): string | undefined {
  const text = [...texts].find(([path]) => path.endsWith('/OTP_VERSION'))?.[1];
  return /^(\d+)/.exec(text ?? '')?.[1];
}
