/**
 * The tags of the external term format.
 * https://www.erlang.org/doc/apps/erts/erl_ext_dist.html
 * Not here: FUN_EXT (removed in OTP 23) and LOCAL_EXT (means something only to the runtime that wrote it).
 */

/** The byte before every term outside a distribution header. */
export const versionMagic = 131;
/** After the magic: zlib data of a term follows. */
export const compressedTag = 80;

export const tags = {
  newFloat: 70,
  bitBinary: 77,
  /** an atom that the distribution header lists */
  atomCacheReference: 82,
  newPid: 88,
  newPort: 89,
  newerReference: 90,
  smallInteger: 97,
  integer: 98,
  float: 99,
  atom: 100,
  reference: 101,
  port: 102,
  pid: 103,
  smallTuple: 104,
  largeTuple: 105,
  nil: 106,
  string: 107,
  list: 108,
  binary: 109,
  smallBig: 110,
  largeBig: 111,
  newFun: 112,
  export: 113,
  newReference: 114,
  smallAtom: 115,
  map: 116,
  atomUtf8: 118,
  smallAtomUtf8: 119,
  v4Port: 120,
} as const;
