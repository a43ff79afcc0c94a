/**
 * Releases: reads an uploaded archive while it streams by, and keeps it by content. The door of the room: `inspect` is
 * pure over a byte stream; the artifact store owns one folder.
 */
import type { DeclaredRelease, Inspection } from '../model/release.ts';

/** An archive that was taken in. */
export interface Artifact {
  /** `sha256:…` of the bytes as uploaded */
  readonly digest: string;
  readonly bytes: number;
  readonly inspection: Inspection;
}

/** Archives by content, in one folder. */
export interface ArtifactStore {
  /**
   * Takes an archive in: hashes, inspects and writes it in one pass. What is no release, or would leave its root, is
   * refused (Fault invalid) and leaves nothing behind; the same bytes twice are one artifact. An archive that is
   * `declared` may be of any shape, and is called so.
   */
  take(archive: AsyncIterable<Uint8Array>, declared?: DeclaredRelease): Promise<Artifact>;
  has(digest: string): Promise<boolean>;
  /** The bytes as uploaded. Fault not-found. */
  read(digest: string): AsyncIterable<Uint8Array>;
  /** Already gone is success. */
  remove(digest: string): Promise<void>;
}

export { openArtifactStore } from './artifact-store.ts';
export { inspect } from './inspect.ts';
