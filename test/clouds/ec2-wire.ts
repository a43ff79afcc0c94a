/**
 * EC2's Query API from the server's side, as our scripted Amazon and Eucalyptus both speak it: parameters of a form or a query,
 * answers and errors in XML, permissions of groups. What the two allow, and how they refuse, each says itself.
 */
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { serve } from '../kit/sockets.ts';
import type { Served } from '../kit/sockets.ts';

/** A call that is refused, in the provider's words. */
export class Refused extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, words: string, status = 400) {
    super(words);
    this.code = code;
    this.status = status;
  }
}

/** A request as it came. */
export interface Asked {
  readonly message: IncomingMessage;
  readonly url: URL;
  readonly body: string;
  /** of query and form */
  readonly parameters: URLSearchParams;
}

/** An answer. */
export interface Told {
  readonly status: number;
  readonly type?: string;
  readonly text: string;
}

/** Serves on a free port of the loopback, by its own clock; what `answer` throws as Refused is an error of EC2. */
export function serveQueries(answer: (asked: Asked) => Told, now = () => Date.now()): Promise<Served> {
  const server = createServer((message, response) => {
    read(message)
      .then((asked) => refusable(() => answer(asked)))
      .then(
        ({ status, type = 'application/xml', text }) => {
          response.writeHead(status, { 'content-type': type, date: new Date(now()).toUTCString() });
          response.end(text);
        },
        () => response.destroy(),
      );
  });
  return serve(server);
}

async function read(message: IncomingMessage): Promise<Asked> {
  const url = new URL(message.url ?? '/', 'http://server');
  const body = (await buffer(message)).toString();
  return { message, url, body, parameters: new URLSearchParams(`${url.search.slice(1)}&${body}`) };
}

function refusable(act: () => Told): Told {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { status: error.status, text: errorText(error.code, error.message) };
  }
}

/** The document of a refusal. */
export function errorText(code: string, words: string): string {
  const text = element('Errors', element('Error', elements({ Code: code, Message: words })));
  return `${prologue}<Response>${text}<RequestID>r-1</RequestID></Response>`;
}

const prologue = '<?xml version="1.0" encoding="UTF-8"?>';

/** The whole document of an answer. */
export function answerOf(action: string, space: string, content: string): Told {
  const text = `${prologue}<${action}Response xmlns="${space}"><requestId>r-1</requestId>${content}</${action}Response>`;
  return { status: 200, text };
}

/** How requests are signed, in the old way that is part of the query: no parameters of an action. */
const signature = /^(Action|Version|AWSAccessKeyId|Signature|SignatureMethod|SignatureVersion|Timestamp)$/;

/** The parameters that the action does not take. */
export function unknownIn(parameters: URLSearchParams, allowed: readonly RegExp[]): string[] {
  return [...parameters.keys()].filter((key) => !signature.test(key) && !allowed.some((one) => one.test(key)));
}

/** The values of `Name.1`, `Name.2` …, in order. */
export function listOf(parameters: URLSearchParams, name: string): string[] {
  return [...parameters].filter(([key]) => key.startsWith(`${name}.`)).map(([, value]) => value);
}

/** The permissions of a call, one a line: `tcp 9100-9199 192.0.2.0/24`; a group as `@its-name` or `@sg-its-id`. */
export function grantsIn(parameters: URLSearchParams): string[] {
  const grants: string[] = [];
  for (let index = 1; parameters.has(`IpPermissions.${index}.IpProtocol`); index += 1) {
    const part = (name: string) => parameters.get(`IpPermissions.${index}.${name}`) ?? '';
    const head = `${part('IpProtocol')} ${part('FromPort')}-${part('ToPort')}`;
    for (const [key, value] of parameters) {
      if (!key.startsWith(`IpPermissions.${index}.`)) continue;
      if (/\.CidrIp(v6)?$/.test(key)) grants.push(`${head} ${value}`);
      if (/\.Group(Name|Id)$/.test(key)) grants.push(`${head} @${value}`);
    }
  }
  return grants;
}

/** The same, as they are described. */
export function permissionsText(grants: Iterable<string>, account: string): string {
  const permissions = [...grants].map((grant) => {
    const [protocol = '', ports = '', source = ''] = grant.split(' ');
    const [from = '', to = ''] = ports.split('-');
    return elements({ ipProtocol: protocol, fromPort: from, toPort: to }) + sourceText(source, account);
  });
  return element('ipPermissions', items(permissions));
}

function sourceText(source: string, account: string): string {
  const [, id, name = ''] = /^@(sg-\w+)?(.*)$/.exec(source) ?? [];
  if (source.startsWith('@')) {
    const group = id === undefined ? { groupName: name } : { groupId: id };
    return `${element('groups', items([elements({ userId: account, ...group })]))}<ipRanges/>`;
  }
  const [list, entry] = source.includes(':') ? ['ipv6Ranges', 'cidrIpv6'] : ['ipRanges', 'cidrIp'];
  return `<groups/>${element(list, items([element(entry, source)]))}`;
}

/** States of an instance, with the codes that are answered beside the names. */
export const stateCodes = { pending: 0, running: 16, 'shutting-down': 32, terminated: 48 } as const;
export type InstanceState = keyof typeof stateCodes;

/** A state as it is answered. */
export function stateText(state: InstanceState): string {
  return elements({ code: String(stateCodes[state]), name: state });
}

/** Tags as they are answered. */
export function tagText(tags: ReadonlyMap<string, string>): string {
  return element('tagSet', items([...tags].map(([key, value]) => elements({ key, value }))));
}

/** Does to tags what CreateTags, or DeleteTags, says. */
export function changeTags(tags: Map<string, string>, parameters: URLSearchParams, add: boolean): void {
  for (const [name, key] of parameters) {
    if (!/^Tag\.\d+\.Key$/.test(name)) continue;
    if (add) tags.set(key, parameters.get(name.replace(/Key$/, 'Value')) ?? '');
    else tags.delete(key);
  }
}

/** The text of a public key that was imported; refused where it is none. */
export function keyIn(material: string): string {
  const text = Buffer.from(material, 'base64').toString();
  if (!text.startsWith('ssh-')) throw new Refused('InvalidKey.Format', 'Key is not in valid OpenSSH public key format');
  return text;
}

/** A list's entries. */
export function items(texts: readonly string[]): string {
  return texts.map((text) => `<item>${text}</item>`).join('');
}

/** Elements that hold text. */
export function elements(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => element(name, escaped(value)))
    .join('');
}

/** An element that holds elements. */
export function element(name: string, inner: string): string {
  return `<${name}>${inner}</${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
