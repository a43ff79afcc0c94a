/**
 * Signature version 4 of Amazon's APIs (AWS General Reference, "Create a signed AWS API request"), for the requests that
 * the SDK's EC2 client has no command for or reads wrongly.
 */
import { createHmac } from 'node:crypto';
import type { HttpRequest } from '../../base/http.ts';
import { sha256Of } from '../../base/sha256.ts';
import type { AccessKey } from '../../model/provider/ec2.ts';

/** A request as it is before it is signed; its path holds no query. */
export interface Unsigned {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** With whose key it is signed, for which service, and when. */
export interface SignatureScope {
  readonly key: AccessKey;
  readonly region: string;
  readonly service: string;
  /** milliseconds since 1970 */
  readonly now: number;
}

/** The POST request with its signature in a header. */
export function signed(request: Unsigned, scope: SignatureScope): HttpRequest {
  const { url, body } = request;
  const time = new Date(scope.now).toISOString().replace(/[-:]|\.\d+/g, '');
  const token = scope.key.sessionToken;
  const headers: Record<string, string> = {
    ...request.headers,
    host: new URL(url).host,
    'x-amz-date': time,
    ...(token === undefined ? {} : { 'x-amz-security-token': token }),
  };
  const day = `${time.slice(0, 8)}/${scope.region}/${scope.service}/aws4_request`;
  const names = Object.keys(headers).toSorted();
  const text = ['AWS4-HMAC-SHA256', time, day, sha256Of(canonical(request, headers, names))].join('\n');
  const signature = hmac(keyOf(scope, time.slice(0, 8)), text).toString('hex');
  const credential = `Credential=${scope.key.accessKeyId}/${day}`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { method: 'POST', url, headers: { ...headers, authorization }, body };
}

function canonical({ url, body }: Unsigned, headers: Readonly<Record<string, string>>, names: readonly string[]) {
  const lines = names.map((name) => `${name}:${(headers[name] ?? '').trim()}\n`).join('');
  return ['POST', new URL(url).pathname, '', lines, names.join(';'), sha256Of(body)].join('\n');
}

function keyOf({ key, region, service }: SignatureScope, day: string): Buffer {
  return [day, region, service, 'aws4_request'].reduce(hmac, Buffer.from(`AWS4${key.secretAccessKey}`));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
