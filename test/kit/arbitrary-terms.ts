/** Arbitrary terms for property tests. */
import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { atom, formatTerm } from '../../src/erlang/term/term.ts';
import { integer } from '../../src/erlang/term/decode-scalar.ts';
import {
  BitString,
  ErlangMap,
  ExportFun,
  Float,
  Fun,
  ImproperList,
  Pid,
  Port,
  Reference,
  Tuple,
} from '../../src/erlang/term/term.ts';
import type { Term } from '../../src/erlang/term/term.ts';

const u32 = fc.nat({ max: 0xffff_ffff });
const atoms = fc.string({ unit: 'grapheme', maxLength: 12 }).map(atom);
const integers = fc.oneof(
  fc.integer(),
  fc.bigInt().map(integer),
  fc.bigInt({ min: 0n, max: 1n << 3000n }).map(integer),
);
const floats = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => new Float(value));
const bytes = fc.uint8Array({ maxLength: 20 });
const bitStrings = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 7 }))
  .map(([all, bits]) => {
    const last = all.length - 1;
    all[last] = (all[last] ?? 0) & (0xff << (8 - bits));
    return new BitString(all, bits);
  });
const pids = fc.tuple(atoms, u32, u32, u32).map((parts) => new Pid(...parts));
const ports = fc.tuple(atoms, fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), u32).map((parts) => new Port(...parts));
const words = fc.array(u32, { minLength: 1, maxLength: 5 });
const references = fc.tuple(atoms, u32, words).map((parts) => new Reference(...parts));
const exports_ = fc.tuple(atoms, atoms, fc.nat({ max: 255 })).map((parts) => new ExportFun(...parts));
const strings = fc.array(fc.nat({ max: 255 }), { maxLength: 20 });

/** What has a source form. */
const leaves: Arbitrary<Term>[] = [integers, floats, atoms, bytes, bitStrings, exports_, strings];

function nest(basic: Arbitrary<Term>[]): Arbitrary<Term> {
  const { term } = fc.letrec<{ term: Term }>((tie) => {
    const lists = fc.array(tie('term'), { maxLength: 5 });
    const tails = fc.oneof(integers, atoms, bytes);
    const improper = fc.array(tie('term'), { minLength: 1, maxLength: 4 });
    return {
      term: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        ...basic,
        lists,
        lists.map((elements) => new Tuple(elements)),
        fc.tuple(improper, tails).map((parts) => new ImproperList(...parts)),
        fc
          .uniqueArray(fc.tuple(tie('term'), tie('term')), { maxLength: 4, selector: ([key]) => formatTerm(key) })
          .map((entries) => new ErlangMap(entries)),
      ),
    };
  });
  return term;
}

const funs = fc
  .record({
    arity: fc.nat({ max: 255 }),
    uniq: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    index: u32,
    module: atoms,
    oldIndex: fc.nat(),
    oldUniq: fc.nat(),
    creator: pids,
    free: fc.array(nest(leaves), { maxLength: 3 }),
  })
  .map((parts) => new Fun(parts));

/** Terms that can be written as source text. */
export const sourceTerms: Arbitrary<Term> = nest(leaves);

/** Terms of all kinds. */
export const anyTerms: Arbitrary<Term> = nest([...leaves, pids, ports, references, funs]);
