/** The client on top of the generated one: one method a call, model types out, ProblemError for all that goes wrong. */
import createFetchClient from 'openapi-fetch';
import { systemClock } from '../base/clock.ts';
import type { TopologyView } from '../model/exchange.ts';
import type { DeclaredRelease, Release } from '../model/release.ts';
import type { Client, ClientOptions, FamilyKey } from './client.ts';
import { followEvents } from './event-follower.ts';
import type { components, paths } from './generated.ts';
import { listing } from './listing.ts';
import { ProblemError } from './problem-error.ts';
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
  const wire = new Wire(options.url, options.token, options.fetch);
  const fetcher = createFetchClient<paths, 'application/json'>({ baseUrl: wire.url, fetch: wire.request });
  return {
    health: (signal) => taken(fetcher.GET('/api/v1/health', until(signal))),
    status: (signal) => listing((query) => taken(fetcher.GET('/api/v1/status', asked(query, signal)))),
    providers: providers(fetcher),
    domains: domains(fetcher),
    releases: releases(fetcher, wire),
    secrets: secrets(fetcher),
    tokens: tokens(fetcher),
    audit: audit(fetcher),
    plans: plans(fetcher),
    blueprints: blueprints(fetcher),
    families: families(fetcher),
    nodes: nodes(fetcher, wire),
    topology: topology(fetcher),
    events: events(fetcher, wire, options),
  };
}

function providers(fetcher: Fetcher): Client['providers'] {
  const at = (name: string, signal?: AbortSignal) => ({ params: { path: { name } }, ...until(signal) });
  return {
    list: (signal) => listing((query) => taken(fetcher.GET('/api/v1/providers', asked(query, signal)))),
    show: (name, signal) => taken(fetcher.GET('/api/v1/providers/{name}', at(name, signal))),
    add(name, definition, signal) {
      const body = { name, definition } as Schemas['ProviderRequest'];
      return taken(fetcher.POST('/api/v1/providers', { body, ...until(signal) }));
    },
    calls: (name, signal) => taken(fetcher.GET('/api/v1/providers/{name}/calls', at(name, signal))),
    check: (name, signal) => taken(fetcher.POST('/api/v1/providers/{name}/check', at(name, signal))),
    remove: (name, signal) => done(fetcher.DELETE('/api/v1/providers/{name}', at(name, signal))),
  };
}

function domains(fetcher: Fetcher): Client['domains'] {
  return {
    list: (signal) => listing((query) => taken(fetcher.GET('/api/v1/domains', asked(query, signal)))),
    show: (name, signal) =>
      taken(fetcher.GET('/api/v1/domains/{name}', { params: { path: { name } }, ...until(signal) })),
  };
}

function releases(fetcher: Fetcher, wire: Wire): Client['releases'] {
  const at = (reference: string, signal?: AbortSignal) => ({ params: { path: { reference } }, ...until(signal) });
  return {
    list: (signal) => listing((query) => taken(fetcher.GET('/api/v1/releases', asked(query, signal)))),
    show: (reference, signal) => taken(fetcher.GET('/api/v1/releases/{reference}', at(reference, signal))),
    upload: (archive, signal, declared) => upload(wire, archive, { signal, declared }),
    remove: (reference, signal) => done(fetcher.DELETE('/api/v1/releases/{reference}', at(reference, signal))),
    quarantine: (which = {}, signal) =>
      listing((query) => taken(fetcher.GET('/api/v1/quarantine', asked({ ...which, ...query }, signal)))),
    unquarantine(blueprint, reference, signal) {
      const params = { path: { blueprint, reference } };
      const path = '/api/v1/blueprints/{blueprint}/quarantine/{reference}';
      return taken(fetcher.DELETE(path, { params, ...until(signal) }));
    },
  };
}

/** Past the generated client, which would hold the archive in memory. */
async function upload(
  wire: Wire,
  archive: AsyncIterable<Uint8Array>,
  { signal, declared }: { signal: AbortSignal | undefined; declared: DeclaredRelease | undefined },
): Promise<{ release: Release; created: boolean }> {
  const query = declared === undefined ? '' : `?${new URLSearchParams(declared).toString()}`;
  const response = await wire.stream(`/releases${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/gzip' },
    body: ReadableStream.from(archive),
    duplex: 'half',
    ...until(signal),
  });
  return { release: (await response.json()) as Release, created: response.status === 201 };
}

function secrets(fetcher: Fetcher): Client['secrets'] {
  const at = (name: string, signal?: AbortSignal) => ({ params: { path: { name } }, ...until(signal) });
  return {
    list: (signal) => listing((query) => taken(fetcher.GET('/api/v1/secrets', asked(query, signal)))),
    put: (name, value, signal) => done(fetcher.PUT('/api/v1/secrets/{name}', { body: { value }, ...at(name, signal) })),
    remove: (name, signal) => done(fetcher.DELETE('/api/v1/secrets/{name}', at(name, signal))),
    rotations: (which = {}, signal) =>
      listing((query) => taken(fetcher.GET('/api/v1/rotations', asked({ ...which, ...query }, signal)))),
  };
}

function tokens(fetcher: Fetcher): Client['tokens'] {
  return {
    list: (signal) => listing((query) => taken(fetcher.GET('/api/v1/tokens', asked(query, signal)))),
    create(request, signal) {
      const body = request as Schemas['TokenRequest'];
      return taken(fetcher.POST('/api/v1/tokens', { body, ...until(signal) }));
    },
    revoke: (name, signal) =>
      done(fetcher.DELETE('/api/v1/tokens/{name}', { params: { path: { name } }, ...until(signal) })),
  };
}

function audit(fetcher: Fetcher): Client['audit'] {
  return {
    list: (which = {}, signal) =>
      listing((query) => taken(fetcher.GET('/api/v1/audit', asked({ ...which, ...query }, signal)))),
    verify: (signal) => taken(fetcher.GET('/api/v1/audit/verdict', until(signal))),
  };
}

function plans(fetcher: Fetcher): Client['plans'] {
  const at = (id: string, signal?: AbortSignal) => ({ params: { path: { id } }, ...until(signal) });
  return {
    list: (which = {}, signal) =>
      listing((query) => taken(fetcher.GET('/api/v1/plans', asked({ ...which, ...query }, signal)))),
    create(document, made, signal) {
      const body = { document, ...made } as Schemas['PlanRequest'];
      return taken(fetcher.POST('/api/v1/plans', { body, ...until(signal) }));
    },
    show: (id, signal) => taken(fetcher.GET('/api/v1/plans/{id}', at(id, signal))),
    adopt: (id, signal) => taken(fetcher.POST('/api/v1/plans/{id}/adopt', at(id, signal))),
  };
}

function blueprints(fetcher: Fetcher): Client['blueprints'] {
  const at = (name: string, signal?: AbortSignal) => ({ params: { path: { name } }, ...until(signal) });
  return {
    list: (signal) => listing((query) => taken(fetcher.GET('/api/v1/blueprints', asked(query, signal)))),
    show: (name, signal) => taken(fetcher.GET('/api/v1/blueprints/{name}', at(name, signal))),
    revisions: (name, signal) =>
      listing((query) => {
        const params = { path: { name }, query };
        return taken(fetcher.GET('/api/v1/blueprints/{name}/revisions', { params, ...until(signal) }));
      }),
    status: (name, signal) => taken(fetcher.GET('/api/v1/blueprints/{name}/status', at(name, signal))),
    rebalance: (name, { consolidate }, signal) => {
      const body = consolidate === undefined ? {} : { consolidate };
      return taken(fetcher.POST('/api/v1/blueprints/{name}/rebalance', { body, ...at(name, signal) }));
    },
    rotateCookie: (name, { family } = {}, signal) => {
      const body = family === undefined ? {} : { family };
      return taken(fetcher.POST('/api/v1/blueprints/{name}/rotate-cookie', { body, ...at(name, signal) }));
    },
    destroy: (name, signal) => done(fetcher.DELETE('/api/v1/blueprints/{name}', at(name, signal))),
  };
}

function families(fetcher: Fetcher): Client['families'] {
  const at = (path: FamilyKey, signal?: AbortSignal) => ({ params: { path: { ...path } }, ...until(signal) });
  return {
    list: (which = {}, signal) =>
      listing((query) => taken(fetcher.GET('/api/v1/families', asked({ ...which, ...query }, signal)))),
    show: (blueprint, family, signal) =>
      taken(fetcher.GET('/api/v1/blueprints/{blueprint}/families/{family}', at({ blueprint, family }, signal))),
    scale: (family, count, signal) =>
      taken(
        fetcher.POST('/api/v1/blueprints/{blueprint}/families/{family}/scale', {
          body: { nodes: count },
          ...at(family, signal),
        }),
      ),
  };
}

function nodes(fetcher: Fetcher, wire: Wire): Client['nodes'] {
  const at = (reference: string, signal?: AbortSignal) => ({ params: { path: { reference } }, ...until(signal) });
  const logOf = (reference: string, query: string) => `/nodes/${encodeURIComponent(reference)}/logs?${query}`;
  return {
    list: (which = {}, signal) =>
      listing((query) => taken(fetcher.GET('/api/v1/nodes', asked({ ...which, ...query }, signal)))),
    show: (reference, signal) => taken(fetcher.GET('/api/v1/nodes/{reference}', at(reference, signal))),
    act(reference, act, signal) {
      if (act === 'terminate') return taken(fetcher.DELETE('/api/v1/nodes/{reference}', at(reference, signal)));
      const params = { path: { reference, act } };
      return taken(fetcher.POST('/api/v1/nodes/{reference}/{act}', { params, ...until(signal) }));
    },
    execute(reference, command, signal) {
      const body = { command };
      return taken(fetcher.POST('/api/v1/nodes/{reference}/exec', { body, ...at(reference, signal) }));
    },
    call(reference, call, signal) {
      return taken(fetcher.POST('/api/v1/nodes/{reference}/rpc', { body: { call }, ...at(reference, signal) }));
    },
    shell: (reference, settings, signal) => openShell(wire, reference, settings, signal),
    async logs(reference, lines = 100, signal) {
      return (await wire.stream(logOf(reference, `lines=${lines}`), until(signal))).text();
    },
    followLog: (reference, lines, signal) => bytes(wire, logOf(reference, `follow=true&lines=${lines}`), signal),
  };
}

/** A stream's bytes until it ends or the signal aborts; a connection that breaks is a problem. */
async function* bytes(wire: Wire, path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    const response = await wire.stream(path, { signal });
    for await (const chunk of response.body ?? []) yield chunk as Uint8Array;
  } catch (error) {
    if (!signal.aborted) throw wire.broken(error, signal);
  }
}

function topology(fetcher: Fetcher): Client['topology'] {
  const at = (blueprint: string, signal?: AbortSignal) => ({ params: { path: { blueprint } }, ...until(signal) });
  return {
    // the generated client's types make arrays of pairs
    show: (blueprint, signal) =>
      taken(
        fetcher.GET('/api/v1/blueprints/{blueprint}/topology', at(blueprint, signal)) as Promise<Outcome<TopologyView>>,
      ),
    verify: (blueprint, signal) =>
      taken(fetcher.POST('/api/v1/blueprints/{blueprint}/topology/verify', at(blueprint, signal))),
  };
}

function events(fetcher: Fetcher, wire: Wire, { clock = systemClock }: ClientOptions): Client['events'] {
  return {
    list: (which = {}, signal) =>
      listing((query) => taken(fetcher.GET('/api/v1/events', asked({ ...which, ...query }, signal)))),
    follow: ({ after, blueprint }, signal) => followEvents({ wire, clock, after, blueprint, signal }),
  };
}

function until(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function asked<Q>(query: Q, signal: AbortSignal | undefined): { params: { query: Q }; signal?: AbortSignal } {
  return { params: { query }, ...until(signal) };
}

/** What an answer holds. Throws ProblemError where it is a problem. */
async function taken<D>(call: Promise<Outcome<D>>): Promise<D> {
  const { data, error, response } = await call;
  if (response.ok && data !== undefined) return data;
  throw new ProblemError(problemIn(response, error));
}

/** That it was done. Throws ProblemError where it was not. */
async function done(call: Promise<Outcome<unknown>>): Promise<void> {
  const { error, response } = await call;
  if (!response.ok) throw new ProblemError(problemIn(response, error));
}
