/**
 * Logging in to Keystone v3: by password into a project, or by an application credential, which is of one project already.
 * Source: https://docs.openstack.org/api-ref/identity/v3/#password-authentication-with-scoped-authorization
 */
import { z } from 'zod';
import { Fault } from '../../base/fault.ts';
import type { Http } from '../../base/http.ts';
import { OpenStackCredentials } from '../../model/provider/openstack.ts';
import { readCredentials } from '../cloud.ts';
import { jsonOf } from '../nova/answers.ts';
import type { Authenticate, Endpoint, Login, Service } from '../nova/session.ts';

const Token = z.object({
  token: z.object({
    expires_at: z.iso.datetime({ offset: true }),
    roles: z.array(z.object({ name: z.string() })).optional(),
    catalog: z
      .array(
        z.object({
          type: z.string(),
          endpoints: z.array(
            z.object({
              interface: z.string(),
              region: z.string().nullish(),
              region_id: z.string().nullish(),
              url: z.string(),
            }),
          ),
        }),
      )
      .optional(),
  }),
});
type Token = z.infer<typeof Token>['token'];

/** Where and as whom. */
export interface Identity {
  readonly http: Http;
  /** Keystone's URL, with or without `/v3` */
  readonly endpoint: string;
  readonly interface: 'public' | 'internal' | 'admin';
  /** the value of the secret */
  credentials(): Promise<string>;
  /** the provider, for errors */
  readonly object: string;
}

/** Logs in with the provider's credentials, read anew each time: they may have been replaced. */
export function keystone(identity: Identity): Authenticate {
  return async (signal) => {
    const credentials = credentialsIn(await identity.credentials(), identity.object);
    const body = JSON.stringify({ auth: authOf(credentials) });
    const headers = { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) };
    const url = `${withVersion(identity.endpoint)}/auth/tokens`;
    const answer = await identity.http({ method: 'POST', url, headers, body }, signal);
    const what = 'logging in to Keystone';
    const parsed = Token.safeParse(jsonOf(answer, what));
    const token = answer.headers['x-subject-token'];
    if (!parsed.success || typeof token !== 'string')
      throw new Fault('unavailable', `${what}: the answer is not what the API promises`, { object: identity.object });
    return loginOf(parsed.data.token, token, identity.interface);
  };
}

/** Reads the secret. Fault invalid, which shows nothing of it. */
export function credentialsIn(secret: string, object: string): OpenStackCredentials {
  const next =
    'the secret must be {"applicationCredentialId": …, "applicationCredentialSecret": …} or {"username": …, "password": …, "project": …}';
  const why = `the credentials of ${object} are no JSON of the right form`;
  return readCredentials(OpenStackCredentials, secret, { why, object, next });
}

function authOf(credentials: OpenStackCredentials): unknown {
  if ('applicationCredentialId' in credentials) {
    const { applicationCredentialId: id, applicationCredentialSecret: secret } = credentials;
    return { identity: { methods: ['application_credential'], application_credential: { id, secret } } };
  }
  const { username: name, password, userDomain = 'Default', project, projectDomain = userDomain } = credentials;
  const user = { name, password, domain: { name: userDomain } };
  return {
    identity: { methods: ['password'], password: { user } },
    scope: { project: { name: project, domain: { name: projectDomain } } },
  };
}

function withVersion(endpoint: string): string {
  const plain = endpoint.replace(/\/+$/, '');
  return plain.endsWith('/v3') ? plain : `${plain}/v3`;
}

function loginOf(said: Token, token: string, wanted: string): Login {
  const endpoints = (said.catalog ?? []).flatMap(({ type, endpoints: places }) => {
    const service = services[type];
    if (service === undefined) return [];
    const right = places.filter((one) => one.interface === wanted);
    return right.map(({ region_id, region, url }): Endpoint => {
      const place = region_id ?? region ?? '';
      return { service, region: place, url: plainUrl(service, url) };
    });
  });
  const roles = (said.roles ?? []).map(({ name }) => name);
  return { token, expiresAt: Date.parse(said.expires_at), endpoints, roles, region: null };
}

const services: Readonly<Record<string, Service>> = { compute: 'compute', network: 'network', image: 'image' };

/** Some catalogues name the version of network and image, others do not. */
const versions: Readonly<Record<Service, string>> = { compute: '', network: '/v2.0', image: '/v2' };

function plainUrl(service: Service, url: string): string {
  const plain = url.replace(/\/+$/, '');
  return service === 'compute' ? plain : `${plain.replace(/\/v\d(\.\d)?$/, '')}${versions[service]}`;
}
