import { z } from 'zod';
import { CookieRotationRequest, Rotation } from '../../model/rotation.ts';
import { endpoint } from '../endpoint.ts';
import { NameParameter } from '../parameters.ts';
import { blueprintSubject } from '../subject.ts';

/** The loops do the rest, node by node; no node is restarted. */
export const cookieRotate = endpoint({
  operation: 'rotateCookie',
  method: 'POST',
  path: '/blueprints/{name}/rotate-cookie',
  role: 'operate',
  about: 'blueprint',
  summary: 'Replaces the cookies of the blueprint’s nodes while they run: records that and returns',
  subject: blueprintSubject,
  params: NameParameter,
  body: CookieRotationRequest,
  answer: z.array(Rotation),
  status: 202,
  handle: async ({ params: { name }, body }, { ports }) => [...(await ports.rotateCookies(name, body.family ?? null))],
});
