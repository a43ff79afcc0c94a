/** The client on top of the generated one: one method a call, model types out, ProblemError for all that goes wrong. */
import createFetchClient from 'openapi-fetch';
import { systemClock } from '../base/clock.ts';
import type { TopologyView } from '../model/exchange.ts';
import type { DeclaredRelease, Release } from '../model/release.ts';
import type { Client, ClientOptions, FamilyKey } from './client.ts';
import { initOf, limitsIn } from './asking.ts';
import type { Asking, Init } from './asking.ts';
import { noteTag } from './etag.ts';
import { followEvents } from './event-follower.ts';
import type { components, paths } from './generated.ts';
import { listing } from './listing.ts';
import { ProblemError, localProblem } from './problem-error.ts';
import { openShell } from './shell.ts';
import { Wire, problemIn } from './wire.ts';

type Schemas = components['schemas'];

type Fetcher = ReturnType<typeof createFetchClient<paths, 'application/json'>>;

/** What the generated client answers. */
interface Outcome<D> {
  readonly data?: D;
  readonly error?: unknown;
  readonly response: Response;
}

/** Opens a client: nothing is asked yet. */
export function openClient(options: ClientOptions): Client {
  const wire = new Wire(options);
  const fetcher = createFetchClient<paths, 'application/json'>({ baseUrl: wire.url, fetch: wire.request });
  return {
    health: (how) => taken(fetcher.GET('/api/v1/health', initOf(how))),
    status: (how) => listing((query) => taken(fetcher.GET('/api/v1/status', asked(query, how)))),
    statusInBrief: (how) => listing((query) => taken(fetcher.GET('/api/v1/status/brief', asked(query, how)))),
    providers: providers(fetcher),
    domains: domains(fetcher),
    releases: releases(fetcher, wire),
    secrets: secrets(fetcher),
    replicas: {
      list: (how) => listing((query) => taken(fetcher.GET('/api/v1/replicas', asked(query, how)))),
    },
    tokens: tokens(fetcher),
    audit: audit(fetcher),
    async backup(signal) {
      const response = await wire.stream('/backup', initOf(signal));
      if (response.body === null) throw new ProblemError(localProblem('unknown', 'the answer holds no backup'));
      return { sha256: sha256In(response.headers.get('repr-digest')), bytes: response.body };
    },
    plans: plans(fetcher),
    blueprints: blueprints(fetcher),
    families: families(fetcher),
    nodes: nodes(fetcher, wire),
    operations: operations(fetcher),
    sweep: sweep(fetcher),
    alarms: alarms(fetcher),
    topology: topology(fetcher),
    events: events(fetcher, wire, options),
  };
}

/** The SHA-256 of a `Repr-Digest` header (RFC 9530), hexadecimal; empty when there is none. */
function sha256In(header: string | null): string {
  const [, digest = ''] = /sha-256=:([A-Za-z0-9+/=]+):/.exec(header ?? '') ?? [];
  return Array.from(atob(digest), (one) => one.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

function providers(fetcher: Fetcher): Client['providers'] {
  const at = (name: string, how?: Asking) => ({ params: { path: { name } }, ...initOf(how) });
  return {
    list: (how) => listing((query) => taken(fetcher.GET('/api/v1/providers', asked(query, how)))),
    show: (name, how) => taken(fetcher.GET('/api/v1/providers/{name}', at(name, how))),
    add(name, definition, how) {
      const body = { name, definition } as Schemas['ProviderRequest'];
      return taken(fetcher.POST('/api/v1/providers', { body, ...initOf(how) }));
    },
    calls: (name, how) => taken(fetcher.GET('/api/v1/providers/{name}/calls', at(name, how))),
    rotateKey(name, key, how) {
      const body = key === undefined ? {} : { key };
      return taken(fetcher.POST('/api/v1/providers/{name}/rotate-key', { body, ...at(name, how) }));
    },
    check: (name, how) => taken(fetcher.POST('/api/v1/providers/{name}/check', at(name, how))),
    remove(name, how, last) {
      const query = last?.forget === true ? { forget: 'true' as const } : {};
      return taken(fetcher.DELETE('/api/v1/providers/{name}', { params: { path: { name }, query }, ...initOf(how) }));
    },
  };
}

function domains(fetcher: Fetcher): Client['domains'] {
  return {
    list: (how) => listing((query) => taken(fetcher.GET('/api/v1/domains', asked(query, how)))),
    show: (name, how) => taken(fetcher.GET('/api/v1/domains/{name}', { params: { path: { name } }, ...initOf(how) })),
  };
}

function releases(fetcher: Fetcher, wire: Wire): Client['releases'] {
  const at = (reference: string, how?: Asking) => ({ params: { path: { reference } }, ...initOf(how) });
  return {
    list: (how) => listing((query) => taken(fetcher.GET('/api/v1/releases', asked(query, how)))),
    show: (reference, how) => taken(fetcher.GET('/api/v1/releases/{reference}', at(reference, how))),
    upload: (archive, how, declared) => upload(wire, archive, { how, declared }),
    remove: (reference, how) => done(fetcher.DELETE('/api/v1/releases/{reference}', at(reference, how))),
    removeEach(references, how) {
      const body = { names: [...references] };
      return taken(fetcher.POST('/api/v1/releases/deletions', { body, ...initOf(how) }));
    },
    quarantine: (which = {}, how) =>
      listing((query) => taken(fetcher.GET('/api/v1/quarantine', asked({ ...which, ...query }, how)))),
    unquarantine(blueprint, reference, how) {
      const params = { path: { blueprint, reference } };
      const path = '/api/v1/blueprints/{blueprint}/quarantine/{reference}';
      return taken(fetcher.DELETE(path, { params, ...initOf(how) }));
    },
  };
}

/** Past the generated client, which would hold the archive in memory. */
async function upload(
  wire: Wire,
  archive: AsyncIterable<Uint8Array>,
  { how, declared }: { how: Asking | undefined; declared: DeclaredRelease | undefined },
): Promise<{ release: Release; created: boolean }> {
  const query = declared === undefined ? '' : `?${new URLSearchParams(declared).toString()}`;
  const init = initOf(how);
  const response = await wire.stream(`/releases${query}`, {
    method: 'POST',
    ...init,
    headers: { ...init.headers, 'content-type': 'application/gzip' },
    body: ReadableStream.from(archive),
    duplex: 'half',
  });
  return { release: (await response.json()) as Release, created: response.status === 201 };
}

function secrets(fetcher: Fetcher): Client['secrets'] {
  const at = (name: string, how?: Asking) => ({ params: { path: { name } }, ...initOf(how) });
  return {
    list: (how) => listing((query) => taken(fetcher.GET('/api/v1/secrets', asked(query, how)))),
    put: (name, value, how) => done(fetcher.PUT('/api/v1/secrets/{name}', { body: { value }, ...at(name, how) })),
    remove: (name, how) => done(fetcher.DELETE('/api/v1/secrets/{name}', at(name, how))),
    rotations: (which = {}, how) =>
      listing((query) => taken(fetcher.GET('/api/v1/rotations', asked({ ...which, ...query }, how)))),
    rotateKey: (how) => done(fetcher.POST('/api/v1/rotate-key', initOf(how))),
  };
}

function tokens(fetcher: Fetcher): Client['tokens'] {
  return {
    list: (how) => listing((query) => taken(fetcher.GET('/api/v1/tokens', asked(query, how)))),
    create(request, how) {
      const body = request as Schemas['TokenRequest'];
      return taken(fetcher.POST('/api/v1/tokens', { body, ...initOf(how) }));
    },
    rotate(name, rotation = {}, how) {
      const body = rotation as Schemas['TokenRotation'];
      return taken(fetcher.POST('/api/v1/tokens/{name}/rotate', { body, params: { path: { name } }, ...initOf(how) }));
    },
    revokeEach(names, how) {
      const body = { names: [...names] };
      return taken(fetcher.POST('/api/v1/tokens/revocations', { body, ...initOf(how) }));
    },
    revoke: (name, how) =>
      done(fetcher.DELETE('/api/v1/tokens/{name}', { params: { path: { name } }, ...initOf(how) })),
  };
}

function audit(fetcher: Fetcher): Client['audit'] {
  return {
    list: (which = {}, how) =>
      listing((query) => taken(fetcher.GET('/api/v1/audit', asked({ ...which, ...query }, how)))),
    verify: (how) => taken(fetcher.GET('/api/v1/audit/verdict', initOf(how))),
  };
}

function plans(fetcher: Fetcher): Client['plans'] {
  const at = (id: string, how?: Asking) => ({ params: { path: { id } }, ...initOf(how) });
  return {
    list: (which = {}, how) =>
      listing((query) => taken(fetcher.GET('/api/v1/plans', asked({ ...which, ...query }, how)))),
    create(document, made, how) {
      const body = { document, ...made } as Schemas['PlanRequest'];
      return taken(fetcher.POST('/api/v1/plans', { body, ...initOf(how) }));
    },
    show: (id, how) => taken(fetcher.GET('/api/v1/plans/{id}', at(id, how))),
    adopt: (id, how) =>
      taken(
        fetcher.POST('/api/v1/plans/{id}/adopt', {
          params: { path: { id }, query: limitsIn(how) },
          ...initOf(how),
        }),
      ),
  };
}

function blueprints(fetcher: Fetcher): Client['blueprints'] {
  const at = (name: string, how?: Asking) => ({ params: { path: { name } }, ...initOf(how) });
  return {
    list: (how) => listing((query) => taken(fetcher.GET('/api/v1/blueprints', asked(query, how)))),
    show: (name, how) => taken(fetcher.GET('/api/v1/blueprints/{name}', at(name, how))),
    revisions: (name, how) =>
      listing((query) => {
        const params = { path: { name }, query };
        return taken(fetcher.GET('/api/v1/blueprints/{name}/revisions', { params, ...initOf(how) }));
      }),
    status: (name, how) => taken(fetcher.GET('/api/v1/blueprints/{name}/status', at(name, how))),
    check: (text, how) => taken(fetcher.POST('/api/v1/blueprints/check', { body: { text }, ...initOf(how) })),
    rebalance: (name, { consolidate }, how) => {
      const body = consolidate === undefined ? {} : { consolidate };
      return taken(fetcher.POST('/api/v1/blueprints/{name}/rebalance', { body, ...at(name, how) }));
    },
    rotateCookie: (name, { family } = {}, how) => {
      const body = family === undefined ? {} : { family };
      return taken(fetcher.POST('/api/v1/blueprints/{name}/rotate-cookie', { body, ...at(name, how) }));
    },
    destroy(name, how) {
      const force = how?.force === true ? { force: 'true' as const } : {};
      const forget = how?.forget === true ? { forget: 'true' as const } : {};
      const params = { path: { name }, query: { ...limitsIn(how), ...force, ...forget } };
      return taken(fetcher.DELETE('/api/v1/blueprints/{name}', { params, ...initOf(how) }));
    },
  };
}

function sweep(fetcher: Fetcher): Client['sweep'] {
  return {
    look: (provider, how) => taken(fetcher.GET('/api/v1/sweep', asked(provider === null ? {} : { provider }, how))),
    remove(strays, how) {
      const body = { strays: strays.map(({ provider, kind, id }) => ({ provider, kind, id })) };
      return taken(fetcher.POST('/api/v1/sweep', { body, ...initOf(how) }));
    },
    forget: (key, how) =>
      done(fetcher.DELETE('/api/v1/leftovers/{key}', { params: { path: { key } }, ...initOf(how) })),
  };
}

function alarms(fetcher: Fetcher): Client['alarms'] {
  return {
    list: (which = {}, how) =>
      listing((query) => taken(fetcher.GET('/api/v1/alarms', asked({ ...which, ...query }, how)))),
    releaseRepair: ({ about, name }, how) =>
      taken(
        fetcher.POST('/api/v1/repair/{about}/{name}/release', { params: { path: { about, name } }, ...initOf(how) }),
      ),
  };
}

function families(fetcher: Fetcher): Client['families'] {
  const at = (path: FamilyKey, how?: Asking) => ({ params: { path: { ...path } }, ...initOf(how) });
  return {
    list: (which = {}, how) =>
      listing((query) => taken(fetcher.GET('/api/v1/families', asked({ ...which, ...query }, how)))),
    show: (blueprint, family, how) =>
      taken(fetcher.GET('/api/v1/blueprints/{blueprint}/families/{family}', at({ blueprint, family }, how))),
    scale(family, count, how) {
      const params = { path: { ...family }, query: limitsIn(how) };
      const rest = { body: { nodes: count }, ...initOf(how) };
      return taken(fetcher.POST('/api/v1/blueprints/{blueprint}/families/{family}/scale', { params, ...rest }));
    },
  };
}

function nodes(fetcher: Fetcher, wire: Wire): Client['nodes'] {
  const at = (reference: string, how?: Asking) => ({ params: { path: { reference } }, ...initOf(how) });
  const logOf = (reference: string, query: string) => `/nodes/${encodeURIComponent(reference)}/logs?${query}`;
  return {
    list: (which = {}, how) =>
      listing((query, next) => {
        const init = { ...asked({ ...which, ...query }, how), ...hearing(wire, next) };
        return taken(fetcher.GET('/api/v1/nodes', init));
      }),
    show: (reference, how) => taken(fetcher.GET('/api/v1/nodes/{reference}', at(reference, how))),
    act(reference, act, how) {
      const query = limitsIn(how);
      if (act === 'terminate') {
        const params = { path: { reference }, query };
        return taken(fetcher.DELETE('/api/v1/nodes/{reference}', { params, ...initOf(how) }));
      }
      const params = { path: { reference, act }, query };
      return taken(fetcher.POST('/api/v1/nodes/{reference}/{act}', { params, ...initOf(how) }));
    },
    actOnEach(request, how) {
      const body = request as Schemas['BulkActRequest'];
      return taken(fetcher.POST('/api/v1/nodes/acts', { body, params: { query: limitsIn(how) }, ...initOf(how) }));
    },
    execute(reference, command, how) {
      const body = { command };
      return taken(fetcher.POST('/api/v1/nodes/{reference}/exec', { body, ...at(reference, how) }));
    },
    call(reference, call, how) {
      return taken(fetcher.POST('/api/v1/nodes/{reference}/rpc', { body: { call }, ...at(reference, how) }));
    },
    shell: (reference, settings, signal) => openShell(wire, reference, settings, signal),
    async logs(reference, lines = 100, how) {
      return (await wire.stream(logOf(reference, `lines=${lines}`), initOf(how))).text();
    },
    followLog: (reference, lines, signal) => bytes(wire, logOf(reference, `follow=true&lines=${lines}`), signal),
  };
}

/** A stream's bytes until it ends or the how aborts; a connection that breaks is a problem. */
async function* bytes(wire: Wire, path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    const response = await wire.stream(path, { signal });
    for await (const chunk of response.body ?? []) yield chunk as Uint8Array;
  } catch (error) {
    if (!signal.aborted) throw wire.broken(error, signal);
  }
}

function operations(fetcher: Fetcher): Client['operations'] {
  return {
    list: (which = {}, how) =>
      listing((query) => taken(fetcher.GET('/api/v1/operations', asked({ ...which, ...query }, how)))),
    show: (id, how) => taken(fetcher.GET('/api/v1/operations/{id}', { params: { path: { id } }, ...initOf(how) })),
    async glance(id, how) {
      const params = { path: { id }, query: { tasks: 'false' } } as const;
      return (await taken(fetcher.GET('/api/v1/operations/{id}', { params, ...initOf(how) }))).operation;
    },
    cancel: (id, how) =>
      taken(fetcher.POST('/api/v1/operations/{id}/cancel', { params: { path: { id } }, ...initOf(how) })),
  };
}

function topology(fetcher: Fetcher): Client['topology'] {
  const at = (blueprint: string, how?: Asking) => ({ params: { path: { blueprint } }, ...initOf(how) });
  return {
    // the generated client's types make arrays of pairs
    show: (blueprint, how) =>
      taken(
        fetcher.GET('/api/v1/blueprints/{blueprint}/topology', at(blueprint, how)) as Promise<Outcome<TopologyView>>,
      ),
    verify: (blueprint, how) =>
      taken(fetcher.POST('/api/v1/blueprints/{blueprint}/topology/verify', at(blueprint, how))),
  };
}

function events(fetcher: Fetcher, wire: Wire, { clock = systemClock }: ClientOptions): Client['events'] {
  return {
    list: (which = {}, how) =>
      listing((query) => taken(fetcher.GET('/api/v1/events', asked({ ...which, ...query }, how)))),
    follow: ({ after, blueprint }, signal) => followEvents({ wire, clock, after, blueprint, signal }),
  };
}

function asked<Q>(query: Q, how: Asking | undefined): Init & { params: { query: Q } } {
  return { params: { query }, ...initOf(how) };
}

/** Has the cursor of the next page told as soon as the answer is there, before it is read. */
function hearing(wire: Wire, next: ((cursor: string) => void) | undefined): { fetch?: typeof wire.request } {
  if (next === undefined) return {};
  return {
    async fetch(request) {
      const response = await wire.request(request);
      const [, query] = /^<\?([^>]*)>; rel="next"$/.exec(response.headers.get('link') ?? '') ?? [];
      const cursor = query === undefined ? null : new URLSearchParams(query).get('cursor');
      if (cursor !== null) next(cursor);
      return response;
    },
  };
}

/** What an answer holds. Throws ProblemError where it is a problem. */
async function taken<D>(call: Promise<Outcome<D>>): Promise<D> {
  const { data, error, response } = await call;
  if (response.ok && data !== undefined) {
    noteTag(data, response);
    return data;
  }
  throw new ProblemError(problemIn(response, error));
}

/** That it was done. Throws ProblemError where it was not. */
async function done(call: Promise<Outcome<unknown>>): Promise<void> {
  const { error, response } = await call;
  if (!response.ok) throw new ProblemError(problemIn(response, error));
}
