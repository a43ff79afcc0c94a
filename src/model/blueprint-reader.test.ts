import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBlueprint } from './blueprint-reader.ts';
import { checkReferences } from './check-references.ts';
import { nothingKnown } from './check-subject.ts';
import { providerKinds } from './provider.ts';

const kinds = providerKinds.join(', ');

const whole = `wombat: 1
name: ants
providers:
  here: { kind: local }
  lab:
    kind: ssh
    key: secret://file/lab.key
    hosts:
      - { address: 10.78.0.11, user: erl, hostKey: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }
domains:
  rack: { provider: lab, capabilities: { country: SE, tier: gold } }
releases:
  ants: { file: ./ants-1.0.0.tar.gz }
families:
  master: { release: ants, nodes: 1, demands: ["cores >= 2", "memory >= 1G"] }
  colony:
    release: ants
    nodes: 6
    demands:
      - memory >= 256M
      - "country in [SE, FI]"
    prefer: [{ that: "tier = gold", weight: 50 }]
    place: { apart: host, near: { family: master, within: region }, spread: { over: provider } }
    bootstrap:
      within: { select: random, action: distributed_erlang }
      with: { master: { select: all, action: { join: { on: new, call: "ants_colony:join(Peer)" } } } }
    hooks: { beforeStop: "ants_colony:drain()" }
`;

/** Every fault of a text as `line:column path: message (hint)`. */
function faultsOf(text: string): string[] {
  const read = readBlueprint(text, 'ants.yaml');
  const faults = read.ok ? checkReferences(read.document, nothingKnown, read.locate) : read.faults;
  return faults.map(
    ({ line, column, path, message, hint }) =>
      `${line}:${column} ${path}: ${message}${hint === null ? '' : ` (${hint})`}`,
  );
}

/** The faults after one replacement in the whole blueprint. */
function changed(from: string, to: string): string[] {
  expect(whole).toContain(from);
  return faultsOf(whole.replace(from, to));
}

test('a whole blueprint has no fault, and every path leads back into its text', () => {
  expect(faultsOf(whole)).toEqual([]);
  const read = readBlueprint(whole, 'ants.yaml');
  const locate = read.ok ? read.locate : () => null;
  expect(locate(['families', 'colony', 'demands', 1], 8)).toEqual({ line: 21, column: 18 });
  expect(locate(['families', 'colony', 'demands', 0], 7)).toEqual({ line: 20, column: 16 });
  expect(locate(['families', 'colony', 'nodes'], 'key')).toEqual({ line: 18, column: 5 });
  expect(locate(['families', 'colony', 'nowhere', 'at', 'all'])).toEqual({ line: 16, column: 3 });
});

describe('the shape of the file', () => {
  test.each<[string, string, string[]]>([
    ['nodes: 6', 'nods: 6', ['18:5 families.colony.nods: unknown key "nods" (did you mean "nodes"?)']],
    [
      'nodes: 6',
      'nodes: "6"',
      ['18:12 families.colony.nodes: expected a number, found "6" (write it without quotation marks)'],
    ],
    [
      'nodes: 6',
      'nodes:',
      [
        '18:11 families.colony.nodes: expected a number, found nothing (write a value behind the colon, or leave the key out)',
      ],
    ],
    ['nodes: 6', 'nodes: 6\n    nodes: 7', ['19:5 nodes: the key "nodes" is there twice (leave one of them out)']],
    ['nodes: 6', '\tnodes: 6', ['18:5 : a tab is used to indent (YAML is indented with spaces)']],
    ['kind: local', 'kind: locl', [`4:17 providers.here.kind: "locl" is not one of ${kinds} (did you mean "local"?)`]],
    ['{ kind: local }', '{}', [`4:3 providers.here.kind: "kind" is missing (one of ${kinds})`]],
    [
      'kind: local',
      'kind: local, adress: x',
      ['4:24 providers.here.adress: unknown key "adress" (did you mean "address"?)'],
    ],
    ['file: ./', 'fil: ./', ['13:11 releases.ants.fil: unknown key "fil" (did you mean "file"?)']],
    [
      'select: all',
      'select: al',
      [
        '26:33 families.colony.bootstrap.with.master.select: "al" is not one of none, random, all, oldest (did you mean "all"?)',
      ],
    ],
    [
      'select: all',
      'select: { rando: 2 }',
      ['26:35 families.colony.bootstrap.with.master.select.rando: unknown key "rando" (did you mean "random"?)'],
    ],
    [
      'on: new',
      'on: nw',
      [
        '26:60 families.colony.bootstrap.with.master.action.join.on: "nw" is not one of new, peer (did you mean "new"?)',
      ],
    ],
    [
      'action: distributed_erlang',
      'action: distributed_erlnag',
      [
        '25:41 families.colony.bootstrap.within.action: "distributed_erlnag" is not one of none, distributed_erlang, distributed_erlang_hidden (did you mean "distributed_erlang"?)',
      ],
    ],
    [
      '  master: {',
      '  Master: {',
      [
        '15:3 families.Master: a family name starts with a lower-case letter and goes on with lower-case letters, digits and _ (40 at most)',
      ],
    ],
    ['weight: 50', 'weight: 101', ['22:45 families.colony.prefer[0].weight: 101 is too big: at most 100']],
    [
      'SHA256:AAA',
      'MD5:AAA',
      [
        '9:52 providers.lab.hosts[0].hostKey: "MD5:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA": a host key is given by its fingerprint: SHA256:… as `ssh-keygen -lf` prints it',
      ],
    ],
  ])('%j -> %j', (from, to, faults) => {
    expect(changed(from, to)).toEqual(faults);
  });

  test('all faults are told at once, in the order of the text', () => {
    const text = whole
      .replace('name: ants', 'nam: ants')
      .replace('nodes: 6', 'nodes: -1')
      .replace('wombat: 1', 'wombat: 2');
    expect(faultsOf(text).map((fault) => fault.split(' ')[0])).toEqual(['1:9', '2:1', '18:12']);
  });

  test.each([
    ['', 'is no blueprint'],
    ['- 1', 'is no blueprint'],
    ['a: *b', 'Unresolved alias'],
    ['a: 1\n---\nb: 1', 'second document'],
  ])('%j', (text, words) => {
    expect(faultsOf(text).join()).toContain(words);
  });

  test('no text makes the reader throw', () => {
    const pieces = fc.constantFrom(
      'wombat: 1',
      'families',
      ':',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      '&a',
      '*a',
      '"',
      "'",
      '|',
      '?',
      '<<',
      '\t',
      'x',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        expect(typeof readBlueprint(parts.join(''), 'f').ok).toBe('boolean');
      }),
    );
  });
});

describe('references', () => {
  test.each<[string, string, string[]]>([
    [
      'release: ants\n    nodes',
      'release: ant\n    nodes',
      ['17:14 families.colony.release: there is no release "ant" (did you mean "ants"?)'],
    ],
    ['provider: lab', 'provider: lb', ['11:21 domains.rack.provider: there is no provider "lb" (did you mean "lab"?)']],
    [
      'family: master, within',
      'family: mister, within',
      ['23:43 families.colony.place.near.family: there is no family "mister" (did you mean "master"?)'],
    ],
    [
      'with: { master:',
      'with: { mister:',
      ['26:15 families.colony.bootstrap.with.mister: there is no family "mister" (did you mean "master"?)'],
    ],
    [
      'with: { master:',
      'with: { colony:',
      [
        '26:15 families.colony.bootstrap.with.colony: a family cannot be its own neighbour (bootstrap.within speaks of its own nodes)',
      ],
    ],
    [
      'with: { master:',
      'with: { ants/master:',
      [
        '26:15 families.colony.bootstrap.with.ants/master: "ants/master" is a family of this blueprint (write master for a family of the same blueprint)',
      ],
    ],
    [
      'memory >= 256M',
      'memory => 256M',
      ['20:16 families.colony.demands[0]: in "memory => 256M": that is no operator (write <= or >=)'],
    ],
    [
      'memory >= 256M',
      'memry >= 256M',
      ['20:9 families.colony.demands[0]: no domain has an attribute "memry" (did you mean "memory"?)'],
    ],
    [
      'memory >= 256M',
      'memory >= lots',
      ['20:9 families.colony.demands[0]: memory is a number, "lots" is none (for example: cores >= 2, memory >= 4G)'],
    ],
    [
      'memory >= 256M',
      'domain = rak',
      ['20:9 families.colony.demands[0]: there is no domain "rak" (did you mean "rack"?)'],
    ],
    [
      'join(Peer)',
      'join(Pear)',
      [
        '26:89 families.colony.bootstrap.with.master.action.join.call: in "ants_colony:join(Pear)": there is no variable Pear (the variables are New, Peer, Family)',
      ],
    ],
    [
      'drain()',
      'drain(Peer)',
      [
        '27:26 families.colony.hooks.beforeStop: a hook has no variable Peer (it runs on the node itself: my_app:drain())',
      ],
    ],
    [
      'hooks: { beforeStop: "ants_colony:drain()" }',
      'update: { check: { call: "ants:ready(Peer)", answers: "{ok" } }',
      [
        '27:30 families.colony.update.check.call: a check has no variable Peer (it runs on the node itself: my_app:ready())',
        '27:59 families.colony.update.check.answers: in "{ok": "," or "}" is missing',
      ],
    ],
    [
      'hooks: { beforeStop: "ants_colony:drain()" }',
      'update: { check: { call: "ants:ready" }, onFailure: rollback }',
      ['27:57 families.colony.update.onFailure: "rollback" is not one of rollBack, stop (did you mean "rollBack"?)'],
    ],
    [
      'provider: lab,',
      'provider: lab, hosts: [10.78.0.12],',
      ['11:34 domains.rack.hosts[0]: provider "lab" has no host 10.78.0.12 (did you mean "10.78.0.11"?)'],
    ],
    [
      'provider: lab,',
      'provider: lab, ports: 4000-5000,',
      ['11:33 domains.rack.ports: port 4369 belongs to epmd (choose a range without it)'],
    ],
    [
      'provider: lab,',
      'provider: lab, ports: 500-400,',
      [
        '11:33 domains.rack.ports: 500-400 is no range of ports (a range lies between 1024 and 65535, the lower port first)',
      ],
    ],
    [
      'apart: host',
      'apart: host, together: host',
      [
        '23:21 families.colony.place.apart: nodes on one host cannot each have a host of their own (leave out apart or together)',
      ],
    ],
    [
      'rack: {',
      'here: {',
      [
        '11:3 domains.here: "here" is a domain of provider "lab", and provider "here" has no domain (declare a domain with "provider: here", or rename domain "here")',
      ],
    ],
  ])('%j -> %j', (from, to, faults) => {
    expect(changed(from, to)).toEqual(faults);
  });

  test('linked families have one mesh', () => {
    expect(changed('nodes: 6', 'nodes: 6\n    mesh: none').join()).toContain(
      'mesh of "colony" is none, that of "master", with which it is linked, is full',
    );
  });

  test('a host twice is one machine taken for two', () => {
    const host =
      '      - { address: 10.78.0.11, user: erl, hostKey: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }\n';
    expect(changed(host, host + host).join()).toContain(
      '10:20 providers.lab.hosts[1].address: host 10.78.0.11 is there twice',
    );
  });

  test('families cannot wait for each other', () => {
    const loop = 'memory >= 1G"], bootstrap: { with: { colony: { select: all, action: none } } } }';
    expect(changed('memory >= 1G"] }', loop)).toEqual([
      expect.stringContaining('families wait for each other: master -> colony -> master'),
    ]);
  });

  test('a link whose sides cannot reach each other is refused', () => {
    const split = whole
      .replace('provider: lab,', 'provider: lab, network: closed,')
      .replace('"cores >= 2"', '"domain = here"')
      .replace('- memory >= 256M', '- domain = rack');
    expect(faultsOf(split)).toEqual([
      expect.stringContaining(
        'nodes of "colony" in rack (network closed) cannot reach nodes of "master" in here (no network named)',
      ),
    ]);
    expect(faultsOf(split.replace('"domain = here"', '"domain = rack"'))).toEqual([]);
  });

  test('a host that advertises loopback reaches nobody else', () => {
    const split = whole
      .replace('10.78.0.11', '127.0.0.1')
      .replace('"cores >= 2"', '"domain = here"')
      .replace('- memory >= 256M', '- domain = rack');
    expect(faultsOf(split).join()).toContain('cannot reach nodes of "master"');
    expect(faultsOf(split.replace('user: erl', 'user: erl, advertised: 10.0.0.1'))).toEqual([]);
  });

  test('what is registered may be referred to', () => {
    const text = whole.replace('provider: lab,', 'provider: elsewhere,');
    const read = readBlueprint(text, 'f');
    if (!read.ok) throw new Error('cannot be read');
    const elsewhere = { name: 'elsewhere', definition: { kind: 'local' }, declaredBy: null } as const;
    expect(checkReferences(read.document, { providers: [elsewhere], domains: [] })).toEqual([]);
    expect(checkReferences(read.document, nothingKnown)).toMatchObject([{ path: 'domains.rack.provider', line: null }]);
  });

  test('a blueprint that declares no providers is judged by those registered by hand', () => {
    const text =
      'wombat: 1\nname: a\nreleases: { app: { file: a } }\nfamilies: { app: { release: app, nodes: 1, demands: ["domain = hre"] } }';
    const read = readBlueprint(text, 'f');
    if (!read.ok) throw new Error('cannot be read');
    const here = { name: 'here', definition: { kind: 'local' }, declaredBy: null } as const;
    expect(checkReferences(read.document, nothingKnown)).toEqual([]);
    expect(checkReferences(read.document, { providers: [here], domains: [] })).toMatchObject([
      { hint: 'did you mean "here"?' },
    ]);
  });
});

describe('the language of placement is refused where it means nothing', () => {
  const place = (from: string, to: string) => changed(`place: { ${from}`, `place: { ${to}`);
  const original = 'apart: host, near: { family: master, within: region }, spread: { over: provider }';

  test.each([
    ['apartFrom: { mastr: host }', 'there is no family "mastr" (did you mean "master"?)'],
    ['apartFrom: { colony: host }', 'a family cannot be apart from itself'],
    ['near: { family: master, within: host }, apartFrom: { master: host }', 'and never on one host with it'],
    ['together: zone, least: { provider: 2 }', 'nodes on one zone cannot be on 2 providers'],
    ['least: { host: 7 }', '6 nodes cannot be on 7 hosts (write nodes: 7, or least: 6 or less)'],
    ['apart: zone, most: { host: 2 }', 'apart: zone allows one a host already'],
    ['spread: { over: zone }, consolidate: zone', 'as few as will do and as evenly as possible'],
    ['most: { rack: 2 }', 'unknown key "rack"'],
    ['apart: rack', '"rack" is not one of host, zone, region, provider'],
    ['together: host, most: { host: 2 }', '6 nodes on one host, and at most 2 a host (leave out most or together)'],
    ['together: host, pinned: [one, two]', 'nodes on one host cannot be pinned to 2 (leave out pinned or together)'],
    ['least: { zone: 1 }', '1 is too small: at least 2'],
    ['spread: { over: rack }', '"rack" is not one of host'],
    ['spread: { over: provider, shares: { lap: 1 } }', 'there is no provider "lap" (did you mean "lab"?)'],
    ['consolidate: hosts', '(did you mean "host"?)'],
    ['near: { family: master }', '"within" is missing (one of host, zone, region, provider)'],
    ['near: { family: colony, within: host }', 'a family cannot be near itself (together says that)'],
    ['pinned: [a, b, c, d, e, f, g]', '7 hosts for 6 nodes (pin no more than there are nodes)'],
  ])('%s', (rules, fault) => {
    const [first = ''] = place(original, rules);
    expect(first).toContain(fault);
    expect(first).toMatch(/^\d+:\d+ families\.colony\.place/);
  });

  test.each([
    ['nodes: 6', 'nodes: 6\n    serves: { colony: 2 }', 'a family cannot serve itself'],
    ['nodes: 6', 'nodes: 6\n    serves: { master: 0/2 }', '"0/2" is no ratio'],
    ['nodes: 6', 'nodes: 6\n    uses: { memory: 2GHz }', 'memory is a size, not a frequency'],
    ['nodes: 6', 'nodes: 6\n    uses: { cores: many }', '"many" is no amount'],
    ['nodes: 6', 'nodes: 6\n    licences: [oracle]', 'there is no licence "oracle" (declare how many there are'],
    ['families:', 'oneOf: [[master, colny]]\nfamilies:', 'there is no family "colny" (did you mean "colony"?)'],
    ['families:', 'optimise: [cost, cost]\nfamilies:', '"cost" is there twice'],
    [
      'families:',
      'limits: { providers: { lap: { machines: 1 } } }\nfamilies:',
      'there is no provider "lap" (did you mean "lab"?)',
    ],
    ['memory >= 256M', 'memory >= 2GHz', 'memory is a size, not a frequency'],
    ['memory >= 256M', 'tier = gold and cors >= 2', 'no domain has an attribute "cors" (did you mean "cores"?)'],
    ['memory >= 256M', 'cores => 2', 'that is no operator (write <= or >=)'],
    ['memory >= 256M', 'cores at least 2', 'an operator is missing (one of'],
    ['memory >= 256M', 'cores >= many', 'cores is a number, "many" is none (for example'],
    ['memory >= 256M', 'tier near [91, 0] within 5km', 'a place is missing (latitude and longitude in degrees'],
    ['memory >= 256M', 'memory_free >= 2GHz', 'memory_free is a size, not a frequency (for example'],
    ['memory >= 256M', 'memory >= 4', 'memory is a size: 4 means 4 bytes (write memory >= 4G)'],
    ['memory >= 256M', 'tier >= 5', 'tier is a text, not a number (write tier = …)'],
    ['memory >= 256M', 'tier has', 'a value is missing'],
    ['memory >= 256M', 'memory matches "4*"', 'memory is a number, "4*" is none (for example'],
    ['memory >= 256M', 'cores not in [many]', 'cores is a number, "many" is none (for example'],
    ['memory >= 256M', 'cores != many', 'cores is a number, "many" is none (for example'],
    ['memory >= 256M', 'tier before 2027-01-01', 'tier is a text, not a date (a date is declared as'],
    ['memory >= 256M', 'cores after 2027-01-01', 'cores is a number, not a date (a date is declared as'],
    ['memory >= 256M', 'tier after soon', 'a date is missing (a date looks like'],
    ['memory >= 256M', 'cores near [1, 2] within 3km', 'cores is a number, not a place (a place is declared as'],
    ['memory >= 256M', 'tier far [1, 2] beyond 3km', 'tier is a text, not a place (a place is declared as'],
    ['memory >= 256M', 'tier near [1, 2] within 3G', 'a distance is missing (for example'],
    ['tier: gold', 'tier: true', 'tier is true or false, not gold (write tier = true)'],
    ['tier: gold', 'tier: 3GHz', 'tier is a frequency, not "gold" (for example: tier >= 2.5GHz)'],
    ['weight: 50', 'weight: 500', '500 is too big: at most 100'],
    ['families:', 'reserved: { one: [colny] }\nfamilies:', 'there is no family "colny" (did you mean "colony"?)'],
    [
      'families:',
      'limits: { domains: { rak: { cores: 1 } } }\nfamilies:',
      'there is no domain "rak" (did you mean "rack"?)',
    ],
    [
      'nodes: 1',
      'nodes: 1, place: { apartFrom: { colony: region } }',
      '"colony" is near it on one region, and never on one region with it (leave out one of them)',
    ],
    [
      'nodes: 1',
      'nodes: 1, place: { least: { zone: 2 } }',
      '1 node cannot be on 2 zones (write nodes: 2, or leave out',
    ],
    ['nodes: 6', 'nodes: 6\n    serves: { ghost: 7 }', 'there is no family "ghost" (the families are'],
    ['nodes: 1', 'nodes: 1, serves: { colony: 2 }, mostNodes: 2', '"master" would need more nodes than that'],
    [
      'nodes: 1',
      'nodes: 1, place: { near: { family: colony, within: zone } }',
      'near goes in a circle: master near colony near master',
    ],
  ])('%s -> %s', (from, to, fault) => {
    const faults = changed(from, to);
    expect(faults.join('\n')).toContain(fault);
    expect(faults.every((one) => /^\d+:\d+ /.test(one))).toBe(true);
  });
});
