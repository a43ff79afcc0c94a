/** The actions that need no definition, written as a user would write them. */
import type { CustomAction, builtInActions } from '../model/bootstrap.ts';

/**
 * The steps of a built-in action; null for `none`, which has none. `distributed_erlang` needs no `done`:
 * `net_kernel:connect_node/1` answers `true` for a connection that was there before (kernel, net_kernel(3)). So does
 * `hidden_connect_node/1`, which connects without being told to others (`nodes(hidden)`), as `global` does for its own.
 */
export function builtInAction(name: (typeof builtInActions)[number]): CustomAction | null {
  switch (name) {
    case 'none':
      return null;
    case 'distributed_erlang':
      return { join: { on: 'new', call: 'net_kernel:connect_node(Peer)' }, connects: 'selected' };
    case 'distributed_erlang_hidden':
      return { join: { on: 'new', call: 'net_kernel:hidden_connect_node(Peer)' }, connects: 'hidden' };
  }
}
