/**
 * EC2 as two kinds of provider speak it: Amazon itself and Eucalyptus. The SDK builds, signs and reads; it is loaded with the
 * first call, repeats nothing, and its requests travel over our own HTTP, so that the rules on where an endpoint may lead
 * hold here too.
 */
import type { EC2 } from '@aws-sdk/client-ec2';
import { openHttp } from '../../base/http.ts';
import type { Http, HttpAnswer } from '../../base/http.ts';
import { AccessKey } from '../../model/provider/ec2.ts';
import { besideName, isBesideName, readCredentials } from '../cloud.ts';
import type { CloudContext } from '../cloud.ts';
import { faultFromSdk, notXml } from './faults.ts';
import { signed } from './signature.ts';

/** Where an API is, and who asks. */
export interface Ec2Options {
  readonly context: CloudContext;
  readonly region: string;
  /** the SDK's own for the region when absent */
  readonly endpoint?: string | undefined;
  readonly allowPrivate: boolean;
  /** reference of the secret that holds the access key as JSON */
  readonly credentials: string;
}

/** What a call of the SDK is given besides its input. */
export interface Within {
  readonly abortSignal: AbortSignal;
}

/** A request that the SDK has no command for, signed and sent as it is. */
export interface RawRequest {
  readonly url: string;
  readonly service: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One region of an account. */
export interface Ec2Api {
  readonly region: string;
  /** The name of an owner's group here, and the beginning of those of its key pairs. */
  nameFor(owner: string): string;
  /** Whether that is a name of what the owner has beside its machines. */
  isNamed(owner: string, name: string): boolean;
  /** One call of the SDK. Throws Faults, and the signal's reason. */
  call<T>(what: string, act: (sdk: EC2, within: Within) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** One request past the SDK; the answer whatever its status. */
  raw(request: RawRequest, signal: AbortSignal): Promise<HttpAnswer>;
}

/** Opens a region: no I/O. The client is kept as long as its access key stays the same. */
export function openEc2Api(options: Ec2Options): Ec2Api {
  const { context, region, allowPrivate } = options;
  const http = openHttp({ clock: context.clock, allowPrivate });
  let kept: { readonly text: string; readonly sdk: EC2 } | undefined;
  const client = async (signal: AbortSignal): Promise<EC2> => {
    signal.throwIfAborted();
    const text = await context.secret(options.credentials);
    if (kept?.text !== text)
      kept = { text, sdk: await connect(options, readAccessKey(text, options.credentials), http) };
    return kept.sdk;
  };
  return {
    region,
    nameFor: (owner) => besideName(context, owner),
    isNamed: (owner, name) => isBesideName(context, owner, name),
    async call(what, act, signal) {
      const sdk = await client(signal);
      try {
        return await act(sdk, { abortSignal: signal });
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw faultFromSdk(error, what);
      }
    },
    async raw({ url, service, headers, body }, signal) {
      signal.throwIfAborted();
      const key = readAccessKey(await context.secret(options.credentials), options.credentials);
      const scope = { key, region, service, now: context.clock.now() };
      return await http(signed({ url, headers, body }, scope), signal);
    },
  };
}

/** The access key in a secret. Fault invalid, without a word of the secret, when it is none. */
function readAccessKey(text: string, reference: string): AccessKey {
  const object = `secret ${reference}`;
  const next = 'hand in a JSON object with "accessKeyId", "secretAccessKey" and, where there is one, "sessionToken"';
  return readCredentials(AccessKey, text, { why: `the ${object} holds no access key`, object, next });
}

async function connect({ region, endpoint }: Ec2Options, key: AccessKey, http: Http): Promise<EC2> {
  const { EC2: Client } = await import('@aws-sdk/client-ec2');
  const { accessKeyId, secretAccessKey, sessionToken } = key;
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  return new Client({
    region,
    credentials,
    maxAttempts: 1,
    ...(endpoint === undefined ? {} : { endpoint }),
    requestHandler: {
      handle: (request: SdkRequest, { abortSignal }: { abortSignal?: unknown } = {}) =>
        carry(http, request, abortSignal),
    },
  });
}

/** A request as the SDK hands it over. */
interface SdkRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Carries a request of the SDK; an answer that is no XML document does not reach it. */
async function carry(http: Http, request: SdkRequest, abort: unknown): Promise<{ response: SdkResponse }> {
  const { protocol, hostname, port, path, headers } = request;
  const url = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`;
  const body = typeof request.body === 'string' ? request.body : '';
  const signal = abort instanceof AbortSignal ? abort : new AbortController().signal;
  const answer = await http({ method: 'POST', url, headers, body }, signal);
  const fault = notXml(answer, `POST ${url}`);
  if (fault !== null) throw fault;
  const known = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const);
  const response = { statusCode: answer.status, headers: Object.fromEntries(known), body: Buffer.from(answer.text) };
  return { response };
}

interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}
