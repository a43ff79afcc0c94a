import { endpoint } from '../endpoint.ts';

/** All at once or not at all. A backup of before opens with the key file of before only. */
export const storeKeyRotate = endpoint({
  operation: 'rotateStoreKey',
  method: 'POST',
  path: '/rotate-key',
  role: 'admin',
  about: 'installation',
  summary: 'Seals all secrets with another key, which takes the place of the key file',
  async handle(_input, { store }) {
    await store.rotateKey();
    const words = 'all secrets are sealed with another key: backups of before need the key file of before';
    await store.commit(
      [],
      [{ level: 'info', kind: 'secret', object: 'secret.key', blueprint: null, what: 'rotated', words }],
    );
  },
});
