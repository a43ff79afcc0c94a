import { timestamp } from '../../base/clock.ts';
import { sha256Of } from '../../base/sha256.ts';
import { TokenCreated, TokenRotation, firstTokenName } from '../../model/access.ts';
import type { Token } from '../../model/access.ts';
import type { ApiContext } from '../api-context.ts';
import { endpoint } from '../endpoint.ts';
import { find } from '../find.ts';
import { NameParameter } from '../parameters.ts';
import { tokenSubject } from '../subject.ts';
import { newTokenValue, withoutDigests } from '../token.ts';

const usualGraceSeconds = 600;

/** The new value is told here and nowhere else. Twice within a grace time ends that of the value before the last. */
export const tokenRotate = endpoint({
  operation: 'rotateToken',
  method: 'POST',
  path: '/tokens/{name}/rotate',
  role: 'admin',
  about: 'installation',
  summary: 'Gives a token another value, which is told this once; the one before is good for a grace time',
  subject: tokenSubject,
  params: NameParameter,
  body: TokenRotation,
  answer: TokenCreated,
  async handle({ params: { name }, body: { graceSeconds = usualGraceSeconds }, matched }, context) {
    const until = new Date(context.clock.now() + graceSeconds * 1000).toISOString();
    if (name === firstTokenName) return rotateFirst(context, until);
    const { store } = context;
    const { value: kept, version } = await find(store, 'token', name);
    const value = newTokenValue();
    const former = { digest: kept.digest, until };
    const fresh = { ...kept, digest: sha256Of(value), former };
    const event = replacedEvent(name, until);
    await store.commit([{ put: 'token', key: name, value: fresh, expect: matched ?? version }], [event]);
    return { token: withoutDigests(fresh), value };
  },
});

/** The value before becomes a token of its own for the grace time, on record before the file is another. */
async function rotateFirst({ store, clock, firstToken }: ApiContext, until: string) {
  const token: Token = {
    name: firstTokenName,
    role: 'admin',
    blueprints: null,
    createdAt: timestamp(clock),
    expiresAt: until,
  };
  const digest = Buffer.from(firstToken.digest()).toString('hex');
  await store.commit(
    [{ put: 'token', key: firstTokenName, value: { ...token, digest }, expect: null }],
    [replacedEvent(firstTokenName, until)],
  );
  return { token: { ...token, expiresAt: null }, value: firstToken.replace() };
}

function replacedEvent(name: string, until: string) {
  const words = `token ${name} has another value; the one before is good until ${until}`;
  return { level: 'info', kind: 'token', object: name, blueprint: null, what: 'rotated', words } as const;
}
