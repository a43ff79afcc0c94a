import { Replica } from '../../model/replica.ts';
import { listEndpoint } from '../list-endpoint.ts';
import { namedIn } from '../part-of.ts';

/** As many digits as make numbers sort like their names. */
const digits = 16;

/** What each looks after names blueprints: not for tokens that are limited to some. */
export const replicaList = listEndpoint({
  operation: 'listReplicas',
  path: '/replicas',
  role: 'read',
  about: 'installation',
  summary: 'The control planes that share the work on one database, and what each looks after',
  item: Replica,
  read({ part }, { ports }) {
    const found = namedIn(ports.replicas(), ({ number }) => String(number).padStart(digits, '0'), part);
    return Promise.resolve({ found });
  },
});
