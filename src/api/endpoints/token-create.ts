import { timestamp } from '../../base/clock.ts';
import { Fault, faultCodeOf } from '../../base/fault.ts';
import { sha256Of } from '../../base/sha256.ts';
import { TokenCreated, TokenRequest, firstTokenName } from '../../model/access.ts';
import type { KeptToken, Token } from '../../model/access.ts';
import { Created } from '../answer.ts';
import { endpoint } from '../endpoint.ts';
import { newTokenValue } from '../token.ts';
import type { Store } from '../../store/store.ts';

/** The value is told here and nowhere else; what is kept is its digest. */
export const tokenCreate = endpoint({
  operation: 'createToken',
  method: 'POST',
  path: '/tokens',
  role: 'admin',
  about: 'installation',
  summary: 'Makes a token with a role, for all blueprints or some; its value is told this once',
  body: TokenRequest,
  answer: TokenCreated,
  creates: true,
  async handle({ body: { name, role, blueprints = null, expiresAfterSeconds = null } }, { store, clock }) {
    const createdAt = timestamp(clock);
    const expiresAt =
      expiresAfterSeconds === null ? null : new Date(clock.now() + expiresAfterSeconds * 1000).toISOString();
    const token: Token = { name, role, blueprints, createdAt, expiresAt };
    const value = newTokenValue();
    await keep(store, { ...token, digest: sha256Of(value) });
    return new Created({ token, value });
  },
});

async function keep(store: Store, token: KeptToken): Promise<void> {
  const { name, role, blueprints } = token;
  if (name === firstTokenName) throw exists(name, 'take another name: this one is of the token in the token file');
  const words = `token ${name} was made: ${role}, ${blueprints === null ? 'all blueprints' : blueprints.join(', ')}`;
  try {
    await store.commit(
      [{ put: 'token', key: name, value: token, expect: 0 }],
      [{ level: 'info', kind: 'token', object: name, blueprint: null, what: 'made', words }],
    );
  } catch (error) {
    if (faultCodeOf(error) !== 'conflict') throw error;
    throw exists(name, `take another name, or revoke it first: wombat token revoke ${name}`);
  }
}

function exists(name: string, next: string): Fault {
  return new Fault('exists', `there is a token ${name} already`, { object: `token ${name}`, next });
}
