/** How the scripted EC2 narrows lists down by filters and cuts them into pages (EC2 API Reference, "Filter" and "Pagination"). */
import { element, Refused } from './ec2-wire.ts';

/** What filters look at: the values of an entry by the filter's name; tags as `tag:NAME`. */
export type Values = Readonly<Record<string, string | undefined>>;

/** An entry of a list: its id, what filters look at, and how it is answered. */
export interface Entry {
  readonly id: string;
  readonly values: Values;
  readonly text: () => string;
}

/** The least and the most that a page may be asked to hold. */
export type PageLimits = readonly [number, number];

/** most values that the filters of a request may have */
const mostValues = 200;

/** The entries that all filters of the call let pass. */
export function filtered(entries: readonly Entry[], parameters: URLSearchParams, known: readonly string[]): Entry[] {
  const filters = filtersIn(parameters);
  const unknown = filters.find(({ name }) => !name.startsWith('tag:') && !known.includes(name));
  if (unknown !== undefined) throw new Refused('InvalidParameterValue', `The filter '${unknown.name}' is invalid`);
  if (filters.reduce((sum, { values }) => sum + values.length, 0) > mostValues)
    throw new Refused(
      'FilterLimitExceeded',
      `The maximum number of filter values specified on a single call is ${mostValues}`,
    );
  return entries.filter(({ values }) => filters.every((one) => one.values.includes(values[one.name] ?? '')));
}

function filtersIn(parameters: URLSearchParams): { readonly name: string; readonly values: readonly string[] }[] {
  const heads = [...parameters].filter(([key]) => /^Filter\.\d+\.Name$/.test(key));
  return heads.map(([key, name]) => {
    const prefix = key.replace(/Name$/, 'Value.');
    return { name, values: [...parameters].filter(([one]) => one.startsWith(prefix)).map(([, value]) => value) };
  });
}

/** A page of the entries in that element, and the token of the next one. */
export function paged(
  name: string,
  entries: readonly Entry[],
  parameters: URLSearchParams,
  { limits: [least, most], largest }: { readonly limits: PageLimits; readonly largest: number },
): string {
  const asked = parameters.get('MaxResults');
  const size = asked === null ? Infinity : Number(asked);
  if (asked !== null && !(size >= least && size <= most))
    throw new Refused(
      'InvalidParameterValue',
      `Value ( ${asked} ) for parameter maxResults is invalid. Expecting a value between ${least} and ${most}.`,
    );
  const start = startOf(entries, parameters.get('NextToken'));
  // who asks for pages may get smaller ones than asked for; who does not gets the whole list
  const page = entries.slice(start, asked === null ? undefined : start + Math.min(size, largest));
  const last = page.at(-1);
  const isMore = last !== undefined && start + page.length < entries.length;
  const next = isMore ? element('nextToken', Buffer.from(last.id).toString('base64url')) : '';
  return element(name, page.map(({ text }) => element('item', text())).join('')) + next;
}

/** Where a page begins: behind the last one of the page before, also when that has gone since. */
function startOf(entries: readonly Entry[], token: string | null): number {
  if (token === null) return 0;
  const last = Buffer.from(token, 'base64url').toString();
  if (!/^[\w.:-]+$/.test(last)) throw new Refused('InvalidNextToken', 'The token is invalid');
  const at = entries.findIndex(({ id }) => id > last);
  return at < 0 ? entries.length : at;
}
