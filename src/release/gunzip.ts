/** The bytes inside a gzip stream, with limits on how many there may be (RFC 1952). */
import { Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { mebibytes, refused } from './limits.ts';
import type { ArchiveLimits } from './limits.ts';

/**
 * Unpacks while it is read: nothing is held but one chunk. Fault `invalid` for what is no gzip, is cut short, has a
 * wrong checksum, or unpacks to more than the limits allow; errors of the source come through as they are.
 */
export async function* gunzipped(
  source: AsyncIterable<Uint8Array>,
  limits: ArchiveLimits,
): AsyncGenerator<Uint8Array, void> {
  const count = { packed: 0, unpacked: 0 };
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  pipeline(Readable.from(counted(source, count, limits), { objectMode: true }), gunzip, () => {
    // the failure reaches the loop below, which reads the same stream
  });
  try {
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      count.unpacked += chunk.length;
      judge(count, limits);
      yield chunk;
    }
  } catch (error) {
    throw isZlibError(error) ? refused(count.packed === 0 ? 'it is empty' : zlibWords(error)) : error;
  }
}

interface Count {
  packed: number;
  unpacked: number;
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  count: Count,
  limits: ArchiveLimits,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    count.packed += chunk.length;
    if (count.packed > limits.packedBytes) throw refused(`it is larger than ${mebibytes(limits.packedBytes)}`);
    if (chunk.length > 0) yield chunk;
  }
}

function judge(count: Count, limits: ArchiveLimits): void {
  if (count.unpacked > limits.unpackedBytes)
    throw refused(`it unpacks to more than ${mebibytes(limits.unpackedBytes)}`);
  if (count.unpacked > limits.ratioFromBytes && count.unpacked > limits.ratio * count.packed)
    throw refused(`it unpacks to more than ${limits.ratio} times its size, as no release does`);
}

function isZlibError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('Z_');
}

function zlibWords(error: NodeJS.ErrnoException): string {
  if (error.message === 'incorrect header check') return 'it is no gzip archive';
  if (error.message === 'unexpected end of file') return 'it is cut short';
  return `its gzip stream is damaged (${error.message})`;
}
