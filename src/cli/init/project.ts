/** What a project builds, read from its own files' text: `mix.exs`, `rebar.config`, the name of an archive. Pure. */

/** The release of a project. */
export interface Project {
  /** `mix`, `rebar3` or `archive` */
  readonly by: 'mix' | 'rebar3' | 'archive';
  readonly name: string;
  /** null where the file computes it */
  readonly version: string | null;
  /** the archive, relative to the project's folder; `VERSION` stands for what is not known */
  readonly archive: string;
  /** what makes the archive; null when it is there */
  readonly build: string | null;
}

/** Reads `mix.exs`; null when it names no application. An archive needs `steps: [:assemble, :tar]` in its release. */
export function mixProject(text: string): Project | null {
  const plain = withoutComments(text, /#.*$/gm);
  const application = /\bapp:\s*:([a-z]\w*)/.exec(plain)?.[1];
  if (application === undefined) return null;
  const name = /\breleases:\s*\[\s*([a-z]\w*):/.exec(plain)?.[1] ?? application;
  const version = /\bversion:\s*"([^"]+)"/.exec(plain)?.[1] ?? null;
  const archive = `_build/prod/${name}-${version ?? 'VERSION'}.tar.gz`;
  const build = plain.includes(':tar')
    ? 'MIX_ENV=prod mix release'
    : 'MIX_ENV=prod mix release   # with `steps: [:assemble, :tar]` in the release';
  return { by: 'mix', name, version, archive, build };
}

/** Reads `rebar.config`; null when it has no relx release. */
export function rebarProject(text: string): Project | null {
  const plain = withoutComments(text, /%.*$/gm);
  const [, name, version] = /\{\s*release\s*,\s*\{\s*([a-z]\w*)\s*,\s*(?:"([^"]+)"|[^}]*)\s*\}/.exec(plain) ?? [];
  if (name === undefined) return null;
  const archive = `_build/prod/rel/${name}/${name}-${version ?? 'VERSION'}.tar.gz`;
  return { by: 'rebar3', name, version: version ?? null, archive, build: 'rebar3 as prod tar' };
}

/** A release archive by its file name, as systools, relx and mix call them: `ants-1.0.0.tar.gz`. */
export function archiveProject(file: string): Project | null {
  const [, name, version] = /^([a-z]\w*)-(\d[\w.+-]*)\.tar\.gz$/.exec(file) ?? [];
  return name === undefined || version === undefined
    ? null
    : { by: 'archive', name, version, archive: file, build: null };
}

function withoutComments(text: string, comment: RegExp): string {
  return text.replace(comment, '');
}
