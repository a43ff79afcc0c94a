/** The release is brought to the node's host, once for all nodes of the host. */
import { become, now } from './stage.ts';
import { done } from '../../base/outcome.ts';
import { fail } from './failed.ts';
import { Fault, wordsOf } from '../../base/fault.ts';
import type { Pass, Stage } from './stage.ts';

/** How large the release is when unpacked. */
async function sizeOf({ world, node }: Pass<'installing'>): Promise<{ unpackedBytes?: number }> {
  const release = await world.store.get('release', node.specification.digest);
  return release === undefined ? {} : { unpackedBytes: release.value.inspection.unpackedBytes };
}

/** Unpacks the release where it is not there yet; a host that cannot take it fails the node with the host's words. */
export const installing: Stage<'installing'> = async (pass) => {
  const { world, node, machine, signal } = pass;
  if (machine?.state.phase !== 'ready') return become(pass, { phase: 'waiting', why: 'for its machine' });
  if (!world.hosts.takeStartSlot(machine, node.id)) return done;
  const { digest } = node.specification;
  try {
    await world.hosts.installed(machine, digest, async (host) => {
      if (!(await host.hasRelease(digest, signal)))
        await host.installRelease(digest, world.artifacts.read(digest), { signal, ...(await sizeOf(pass)) });
    });
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof Fault && error.code === 'unavailable') {
      world.wake.machine(machine.token);
      throw error;
    }
    return fail(pass, `the release could not be installed: ${wordsOf(error)}`, []);
  }
  return become(pass, { phase: 'starting', since: now(pass), process: null });
};
