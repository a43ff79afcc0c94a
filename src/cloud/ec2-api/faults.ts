/**
 * The errors of EC2 and of what is like it, by their documented codes (EC2 API Reference, "Error codes"). An answer that is no
 * XML document is no answer: a page of a gateway, half of one, nothing.
 */
import { Fault, wordsOf } from '../../base/fault.ts';
import type { FaultCode } from '../../base/fault.ts';
import type { HttpAnswer } from '../../base/http.ts';

/** The codes by what they mean; first those that stand for themselves. */
const codes: Readonly<Record<string, FaultCode>> = {
  ...each('denied', [
    'AccessDenied',
    'AccessDeniedException',
    'AuthFailure',
    'Blocked',
    'ExpiredToken',
    'ExpiredTokenException',
    'IncompleteSignature',
    'InvalidAccessKeyId',
    'InvalidClientTokenId',
    'InvalidSecurity',
    'MissingAuthenticationToken',
    'NotAuthorized',
    'OptInRequired',
    'PendingVerification',
    'RequestExpired',
    'SignatureDoesNotMatch',
    'UnauthorizedOperation',
    'UnrecognizedClientException',
  ]),
  ...each('throttled', [
    'BandwidthLimitExceeded',
    'EC2ThrottledException',
    'RequestLimitExceeded',
    'RequestThrottled',
    'RequestThrottledException',
    'SlowDown',
    'Throttling',
    'ThrottlingException',
    'TooManyRequestsException',
  ]),
  ...each('no-capacity', [
    'InsufficientAddressCapacity',
    'InsufficientCapacity',
    'InsufficientFreeAddressesInSubnet',
    'InsufficientHostCapacity',
    'InsufficientInstanceCapacity',
    'InsufficientReservedInstanceCapacity',
    'InsufficientResources',
    'InsufficientVolumeCapacity',
    'Unsupported',
  ]),
  ...each('conflict', [
    'ConcurrentTagAccess',
    'DependencyViolation',
    'IdempotentParameterMismatch',
    'IncorrectInstanceState',
    'IncorrectState',
    'InvalidGroup.InUse',
    'OperationNotPermitted',
    'VolumeInUse',
  ]),
  ...each('unavailable', [
    'InternalError',
    'InternalFailure',
    'ServiceUnavailable',
    'ServiceUnavailableException',
    'Unavailable',
  ]),
  ...each('not-found', ['DefaultVpcDoesNotExist', 'InvalidAMIID.Unavailable', 'NoSuchResourceException']),
  RequestTimeout: 'timeout',
};

function each(code: FaultCode, names: readonly string[]): Record<string, FaultCode> {
  return Object.fromEntries(names.map((name) => [name, code]));
}

/** The families of codes, where the code itself is not in the table. */
const families: readonly (readonly [RegExp, FaultCode])[] = [
  [/NotFound$/, 'not-found'],
  [/\.(Duplicate|AlreadyExists)$/, 'exists'],
  [/(LimitExceeded|Quota)/, 'quota'],
  [/^(Invalid|Missing|Malformed|Unknown|Validation|Unsupported)/, 'invalid'],
];

/** What can be done about a code, where there is something that everybody would do. */
const advice: Readonly<Record<string, string>> = {
  RequestExpired: 'hand in new credentials, and see that the clock of this machine is right',
  ExpiredToken: 'hand in new credentials',
  UnauthorizedOperation: 'give these credentials the permissions that the guide lists for the provider',
  VcpuLimitExceeded: 'ask for a higher quota of running instances',
  InstanceLimitExceeded: 'ask for a higher quota of running instances',
};

/** The fault code of a code of EC2; by its HTTP status where it is in no table. */
export function codeOfEc2(name: string, status?: number): FaultCode {
  const known = codes[name] ?? families.find(([pattern]) => pattern.test(name))?.[1];
  return known ?? codeOfStatus(status);
}

function codeOfStatus(status = 0): FaultCode {
  if (status === 429) return 'throttled';
  if (status === 401 || status === 403) return 'denied';
  if (status >= 500) return 'unavailable';
  return status >= 400 ? 'invalid' : 'unknown';
}

/** What the SDK throws for an answer that says an error. */
interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

/** What was thrown, as a Fault. `what` names the call. A clock that was wrong is set right by then: `unavailable`, to be repeated. */
export function faultFromSdk(error: unknown, what: string): Error {
  if (error instanceof Fault || !(error instanceof Error))
    return error instanceof Error ? error : new Error(String(error));
  const { name, $metadata, $response } = error as SdkError;
  if ($metadata?.httpStatusCode === undefined) return brokenAnswer(error, what);
  const skewed = $metadata.clockSkewCorrected === true;
  const seconds = Number($response?.headers?.['retry-after'] ?? NaN);
  return new Fault(skewed ? 'unavailable' : codeOfEc2(name, $metadata.httpStatusCode), `${what}: ${error.message}`, {
    object: what,
    words: `${name}: ${error.message}`,
    next: advice[name],
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : undefined,
  });
}

/** The SDK could not read the answer, or met a surprise of its own. */
function brokenAnswer(error: Error, what: string): Error {
  const isAnswer = '$response' in error || /deserial|parse|xml/i.test(error.message);
  return isAnswer ? new Fault('unavailable', `${what}: the answer cannot be read`, { words: wordsOf(error) }) : error;
}

/** The code of EC2 that a Fault came from; undefined where there is none. */
export function ec2CodeOf(error: unknown): string | undefined {
  return error instanceof Fault ? /^([\w.]+): /.exec(error.detail.words ?? '')?.[1] : undefined;
}

/** Why the text of an answer is no XML document; null when it is a whole one. */
export function notXml({ status, text, retryAfterMs }: HttpAnswer, what: string): Fault | null {
  const root = /^\s*(?:<\?xml[^>]*\?>\s*)?<([A-Za-z_][\w.-]*)[^>]*>/.exec(text)?.[1];
  const isWhole = root !== undefined && new RegExp(`(</${root}\\s*>|/>)\\s*$`).test(text);
  if (isWhole && root.toLowerCase() !== 'html') return null;
  const words = text.trim() === '' ? 'an empty answer' : text.trim().slice(0, 200);
  const code = status < 400 ? 'unavailable' : codeOfStatus(status);
  const detail = { object: what, words, retryAfterMs };
  return new Fault(code === 'invalid' ? 'unavailable' : code, `${what}: HTTP ${status}, and no answer of EC2`, detail);
}
