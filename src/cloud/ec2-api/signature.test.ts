import { expect, test } from 'vitest';
import { signed } from './signature.ts';

const scope = {
  key: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
  region: 'us-east-1',
  service: 'service',
  now: Date.UTC(2015, 7, 30, 12, 36, 0),
};

test('signs as the published example "post-vanilla" of the test suite for version 4', () => {
  const request = signed({ url: 'https://example.amazonaws.com/', headers: {}, body: '' }, scope);
  expect(request.headers).toMatchObject({ host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z' });
  expect(request.headers?.['authorization']).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, ' +
      'Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  );
});

test('I8: the secret key is in nothing that is sent; a session token is, and is signed', () => {
  const key = { ...scope.key, sessionToken: 'of a while' };
  const request = signed({ url: 'https://example.amazonaws.com/', headers: {}, body: 'a=b' }, { ...scope, key });
  expect(JSON.stringify(request)).not.toContain(key.secretAccessKey);
  expect(request.headers).toMatchObject({ 'x-amz-security-token': 'of a while' });
  expect(request.headers?.['authorization']).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token');
});
