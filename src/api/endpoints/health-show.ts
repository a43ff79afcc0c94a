import { Health } from '../../model/exchange.ts';
import { endpoint } from '../endpoint.ts';

/** The one thing that anybody may ask: whether a control plane answers here, and which. */
export const healthShow = endpoint({
  operation: 'showHealth',
  method: 'GET',
  path: '/health',
  role: 'read',
  about: 'shared',
  summary: 'Whether the control plane answers, its version and owner id',
  open: true,
  answer: Health,
  handle: (_, { store, version, startedAt }) => Promise.resolve({ version, owner: store.owner, startedAt }),
});
