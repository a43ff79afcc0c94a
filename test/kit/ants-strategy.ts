/** How the ants come together, by calls of their own: apart from the flows, for what runs no Erlang needs it too. */
import type { Strategy } from '../../src/model/bootstrap.ts';

/** Of a node of the colony towards every master. */
export const towardsMaster: Strategy = {
  select: 'all',
  action: {
    done: { on: 'new', call: 'ants_colony:joined(Peer)' },
    join: { on: 'new', call: 'ants_colony:join(Peer)' },
    leave: { on: 'peer', call: 'ants_master:forget(New)' },
  },
};
