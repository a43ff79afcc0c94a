import { KeyRotationRequest, Rotation } from '../../model/rotation.ts';
import { endpoint } from '../endpoint.ts';
import { NameParameter } from '../parameters.ts';
import { providerSubject } from '../subject.ts';

/** The loops do the rest, machine by machine. */
export const providerRotateKey = endpoint({
  operation: 'rotateKey',
  method: 'POST',
  path: '/providers/{name}/rotate-key',
  role: 'admin',
  about: 'installation',
  summary: 'Replaces the SSH key by which a provider’s machines are entered: records that and returns',
  subject: providerSubject,
  params: NameParameter,
  body: KeyRotationRequest,
  answer: Rotation,
  status: 202,
  handle: ({ params: { name }, body }, { ports }) => ports.rotateKey(name, body.key ?? null),
});
