/** Where things are on a host, as words of a shell script. */
import { Fault } from '../base/fault.ts';
import { quote, quotePath } from '../base/quote.ts';

/** The folder of one control plane on a host; two of them share the user's directory without meeting. */
export interface Layout {
  /** the user's directory, which may hold the folders of several control planes */
  readonly parent: string;
  /** ours in it */
  readonly base: string;
  /** id of the control plane, which is safe as a part of a path */
  readonly owner: string;
}

const safeName = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/** The layout below `directory` (a leading `~/` is the user's home) of the control plane `owner`. */
export function layoutOf(directory: string, owner: string): Layout {
  return { parent: quotePath(directory), base: `${quotePath(directory)}/${quote(safe(owner))}`, owner: safe(owner) };
}

/** The folder of a node, relative to the base. */
export function nodeFolder(id: string): string {
  return `nodes/${safe(id)}`;
}

/** The folder of a release, relative to the base. A digest's colon would split the PATH of its nodes. */
export function releaseFolder(digest: string): string {
  return `releases/${safe(digest.replace(':', '-'))}`;
}

/** The digest behind a release's folder name. */
export function digestOf(name: string): string {
  return name.replace('-', ':');
}

/** A name that is one part of a path and nothing else. */
function safe(name: string): string {
  if (safeName.test(name)) return name;
  throw new Fault('invalid', `${JSON.stringify(name)} cannot be a folder on a host`);
}
