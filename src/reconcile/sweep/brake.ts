/**
 * The sweep's brake, pure. That a machine is on no record is no proof that nobody needs it: the record may be what is
 * wrong, where an old backup was restored or a wrong database opened. Then it is not one that has no record, but many.
 * So a pass that would remove more than a tenth of what there is removes nothing, until a person has looked.
 *
 * Not counted is what the record itself explains: the second machine of an order that is on record, what was given up and
 * is written down as such, and what somebody has asked to go. What stands beside machines is not counted either: it is
 * only a stray when it serves no machine that is listed, so that nothing runs by it.
 */
import type { Leftover, Stray } from '../../model/sweep.ts';
import { strayKey } from '../../model/sweep.ts';
import type { Found, Look } from './look.ts';

/** The largest share that goes unasked. */
const share = 0.1;
/**
 * So many go unasked however few there are: with fewer than twenty, one or two are more than a tenth, and that is how the
 * ordinary stray comes, as one machine whose end a lagging list showed too early.
 */
const always = 2;

/** Why nothing is removed unasked; null when it may be. */
export function brakeOf(
  provider: string,
  { found, machines, nodes }: Pick<Look, 'found' | 'machines' | 'nodes'>,
  {
    strays,
    leftovers,
  }: { readonly strays: ReadonlyMap<string, Stray>; readonly leftovers: ReadonlyMap<string, Leftover> },
): string | null {
  const isUnexplained = (one: Found) =>
    !one.isCertain &&
    !leftovers.has(leftoverKeyOf(provider, one)) &&
    (strays.get(strayKey({ provider, ...one }))?.askedBy ?? null) === null;
  const unexplained = found.filter(isUnexplained);
  const said = (['machine', 'node'] as const).flatMap((kind) => {
    const many = unexplained.filter((one) => one.kind === kind).length;
    const all = kind === 'machine' ? machines : nodes;
    return many > Math.max(always, Math.floor(all * share))
      ? [`${many} of ${all} ${kind}s of ours are on no record`]
      : [];
  });
  return said.length === 0 ? null : said.join(', ');
}

/** Under which key a stray would be on record as given up: machines by their order. */
export function leftoverKeyOf(provider: string, { kind, id, token }: Pick<Found, 'kind' | 'id' | 'token'>): string {
  return strayKey({ provider, kind, id: kind === 'machine' ? (token ?? id) : id });
}
