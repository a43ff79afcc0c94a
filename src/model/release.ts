/** Release: an uploaded OTP release and what an inspection found in it. */
import { z } from 'zod';
import { DeclaredCommands } from './commands.ts';
import { Digest, Name, Timestamp } from './name.ts';

/** How the archive was made, which says how it is started; `commands` is no OTP release and is run by declared commands. */
export const releaseKinds = ['systools', 'relx', 'mix', 'commands'] as const;

/** An application inside the release; `start` as in the `.rel` file. */
export const ReleaseApplication = z.object({
  name: z.string(),
  version: z.string(),
  start: z.enum(['permanent', 'transient', 'temporary', 'load', 'none']),
});

/** What machine code in the archive asks of a host; absent when there is none (no ERTS, no NIF). */
export const NativeNeeds = z.object({
  /** as `uname -m` says it */
  arch: z.string(),
  /** `glibc` or `musl` */
  libc: z.string(),
  /** newest symbol version of glibc that is asked for, e.g. `2.34`; null for none */
  glibc: z.string().nullable(),
  /** shared libraries that must be on the host, e.g. `libtinfo.so.6`: NEEDED of every ELF file, less those the archive brings */
  libraries: z.array(z.string()),
});
export type NativeNeeds = z.infer<typeof NativeNeeds>;

/** From which versions to which something can be upgraded without a restart: `appup(4)`, `relup(4)`. */
export const Upgrades = z.object({
  /** `.appup` files: each application with the version it leads to, or from which back */
  applications: z.array(
    z.object({ name: z.string(), version: z.string(), from: z.array(z.string()), downTo: z.array(z.string()) }),
  ),
  /** the `relup` of the release; null when there is none */
  release: z.object({ from: z.array(z.string()), downTo: z.array(z.string()) }).nullable(),
});
export type Upgrades = z.infer<typeof Upgrades>;

export const Inspection = z.object({
  kind: z.enum(releaseKinds),
  /** as the release says itself; as declared at its upload for one that is run by commands */
  name: z.string(),
  version: z.string(),
  /** version of the emulator, e.g. `13.1.5`; null for one that is run by commands and brings none */
  erts: z.string().nullable(),
  /** whether the archive brings it; one without needs the same version on the host */
  ertsIncluded: z.boolean(),
  /** OTP major release, e.g. `25`, where it can be told; null otherwise */
  otp: z.string().nullable(),
  applications: z.array(ReleaseApplication),
  native: NativeNeeds.nullable(),
  /** the boot file without its ending, relative to the root, e.g. `releases/1.0.0/start`; null without one */
  boot: z.string().nullable(),
  /** the epmd that the archive brings, relative to the root */
  epmd: z.string().nullable(),
  /** paths relative to the root; null where the release has none */
  vmArgs: z.string().nullable(),
  sysConfig: z.string().nullable(),
  /** what of its own vm.args, env.sh and start script is not used, by name: `-setcookie`, `env RELEASE_NODE`, `bin/hooks` */
  leftOut: z.array(z.string()),
  upgrades: Upgrades,
  files: z.int(),
  /** size when unpacked */
  unpackedBytes: z.int(),
});
export type Inspection = z.infer<typeof Inspection>;

/** A release as stored. */
export const Release = z.object({
  digest: Digest,
  name: Name,
  version: z.string(),
  bytes: z.int(),
  uploadedAt: Timestamp,
  inspection: Inspection,
});
export type Release = z.infer<typeof Release>;

/** A version as it stands in tables and paths. */
export const Version = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.+~@-]{0,127}$/, 'a version is made of letters, digits and _ . + ~ @ -');

const commands = DeclaredCommands.optional().describe('how it is run, for a system that is no OTP release');

/** A release as a blueprint names it: a file to upload, or one that is there already. */
export const ReleaseReference = z.union([
  z.strictObject({
    file: z.string().describe('path of the archive, relative to the blueprint'),
    digest: Digest.optional(),
    version: Version.optional().describe('with commands: what the archive, which may have any shape, is called by'),
    commands,
  }),
  z.strictObject({ digest: Digest, commands }),
  z.strictObject({ name: Name, version: Version, commands }),
]);
export type ReleaseReference = z.infer<typeof ReleaseReference>;

/** What an archive that is no OTP release is called by; it cannot say so itself. */
export const DeclaredRelease = z.strictObject({ name: Name, version: Version });
export type DeclaredRelease = z.infer<typeof DeclaredRelease>;
