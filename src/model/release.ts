/** Release: an uploaded OTP release and what an inspection found in it. */
import { z } from 'zod';
import { Digest, Name, Timestamp } from './name.ts';

/** How the archive was made, which says how it is started. */
export const releaseKinds = ['systools', 'relx', 'mix'] as const;

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

export const Inspection = z.object({
  kind: z.enum(releaseKinds),
  name: z.string(),
  version: z.string(),
  /** version of the emulator, e.g. `13.1.5` */
  erts: z.string(),
  /** whether the archive brings it; one without needs the same version on the host */
  ertsIncluded: z.boolean(),
  /** OTP major release, e.g. `25`, where it can be told; null otherwise */
  otp: z.string().nullable(),
  applications: z.array(ReleaseApplication),
  native: NativeNeeds.nullable(),
  /** the boot file without its ending, relative to the root, e.g. `releases/1.0.0/start` */
  boot: z.string(),
  /** paths relative to the root; null where the release has none */
  vmArgs: z.string().nullable(),
  sysConfig: z.string().nullable(),
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

/** A release as a blueprint names it: a file to upload, or one that is there already. */
export const ReleaseReference = z.union([
  z.strictObject({
    file: z.string().describe('path of the archive, relative to the blueprint'),
    digest: Digest.optional(),
  }),
  z.strictObject({ digest: Digest }),
  z.strictObject({ name: Name, version: z.string() }),
]);
export type ReleaseReference = z.infer<typeof ReleaseReference>;
