/**
 * Logging in to Rackspace's identity service, version 2.0, with a user's API key.
 * Source: https://docs-ospc.rackspace.com/cloud-identity/v2/api-reference/token-operations
 */
import { z } from 'zod';
import { Fault } from '../../base/fault.ts';
import type { Http } from '../../base/http.ts';
import { RackspaceCredentials } from '../../model/provider/rackspace.ts';
import { readCredentials } from '../cloud.ts';
import { jsonOf } from '../nova/answers.ts';
import type { Authenticate, Endpoint, Login, Service } from '../nova/session.ts';

const Access = z.object({
  access: z.object({
    token: z.object({ id: z.string(), expires: z.iso.datetime({ offset: true }) }),
    serviceCatalog: z.array(
      z.object({
        name: z.string(),
        endpoints: z.array(z.object({ region: z.string().optional(), publicURL: z.string().optional() })),
      }),
    ),
    user: z.object({
      'RAX-AUTH:defaultRegion': z.string().optional(),
      roles: z.array(z.object({ name: z.string() })).optional(),
    }),
  }),
});
type Access = z.infer<typeof Access>['access'];

/** Where and as whom. */
export interface Identity {
  readonly http: Http;
  /** the service's URL, with `/v2.0` */
  readonly endpoint: string;
  /** the value of the secret */
  credentials(): Promise<string>;
  /** the provider, for errors */
  readonly object: string;
}

/** Logs in with the provider's credentials, read anew each time: they may have been replaced. */
export function rackspaceIdentity({ http, endpoint, credentials, object }: Identity): Authenticate {
  return async (signal) => {
    const { username, apiKey } = credentialsIn(await credentials(), object);
    const body = JSON.stringify({ auth: { 'RAX-KSKEY:apiKeyCredentials': { username, apiKey } } });
    const length = String(Buffer.byteLength(body));
    const headers = { Accept: 'application/json', 'Content-Type': 'application/json', 'Content-Length': length };
    const answer = await http({ method: 'POST', url: `${endpoint.replace(/\/+$/, '')}/tokens`, headers, body }, signal);
    const what = 'logging in to Rackspace';
    const parsed = Access.safeParse(jsonOf(answer, what));
    if (parsed.success) return loginOf(parsed.data.access);
    throw new Fault('unavailable', `${what}: the answer is not what the API promises`, { object });
  };
}

/** Reads the secret. Fault invalid, which shows nothing of it. */
function credentialsIn(secret: string, object: string): RackspaceCredentials {
  const next = 'the secret must be {"username": …, "apiKey": …}';
  const why = `the credentials of ${object} are no JSON of the right form`;
  return readCredentials(RackspaceCredentials, secret, { why, object, next });
}

/** `cloudServers` is the first generation, which is no OpenStack. */
const services: Readonly<Record<string, Service>> = { cloudServersOpenStack: 'compute', cloudImages: 'image' };

function loginOf({ token, serviceCatalog, user }: Access): Login {
  const endpoints = serviceCatalog.flatMap(({ name, endpoints: places }) => {
    const service = services[name];
    if (service === undefined) return [];
    return places.flatMap(({ region, publicURL }): Endpoint[] =>
      region === undefined || publicURL === undefined ? [] : [{ service, region, url: publicURL.replace(/\/+$/, '') }],
    );
  });
  return {
    token: token.id,
    expiresAt: Date.parse(token.expires),
    endpoints,
    roles: (user.roles ?? []).map(({ name }) => name),
    region: user['RAX-AUTH:defaultRegion'] ?? null,
  };
}
