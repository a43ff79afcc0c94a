/** Signatures of Amazon's APIs, version 4, from the server's side: in a header, as the General Reference describes them. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Refused } from './ec2-wire.ts';
import type { Asked } from './ec2-wire.ts';

/** The one account's access key. */
export const accessKey = { accessKeyId: 'AKIASCRIPTED', secretAccessKey: 'c2NyaXB0ZWQrc2VjcmV0L2tleQ' };

/** how far the clocks of client and server may be apart */
const mostApartMs = 300_000;

/** Refuses a request whose key, time or signature is not right, at that time in milliseconds since 1970. */
export function authenticate({ message: { method = '', headers }, url, body }: Asked, now: number): void {
  const said =
    /Credential=([^/]+)\/(\d{8})\/([\w-]+)\/(\w+)\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=(\w{64})/;
  const found = said.exec(headers.authorization ?? '');
  if (found === null) throw new Refused('MissingAuthenticationToken', 'Request is missing Authentication Token', 401);
  const [, key, day = '', region = '', service = '', names = '', signature = ''] = found;
  if (key !== accessKey.accessKeyId)
    throw new Refused('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
  const time = String(headers['x-amz-date']);
  if (Math.abs(now - timeOf(time)) > mostApartMs) throw new Refused('RequestExpired', 'Request has expired.');
  const lines = names.split(';').map(
    (name) =>
      `${name}:${String(headers[name] ?? '')
        .trim()
        .replace(/ +/g, ' ')}\n`,
  );
  const canonical = [method, url.pathname, queryOf(url), lines.join(''), names, digest(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, [day, region, service, 'aws4_request'].join('/'), digest(canonical)].join(
    '\n',
  );
  const first = Buffer.from(`AWS4${accessKey.secretAccessKey}`);
  const own = [day, region, service, 'aws4_request', text].reduce(hmac, first);
  if (timingSafeEqual(own, Buffer.from(signature, 'hex'))) return;
  const words = 'The request signature we calculated does not match the signature you provided.';
  throw new Refused('SignatureDoesNotMatch', words, 403);
}

/** 20260101T120000Z as milliseconds since 1970. */
function timeOf(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

/** The query as it came, its pairs in order. */
function queryOf({ search }: URL): string {
  return search.slice(1).split('&').toSorted().join('&');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
