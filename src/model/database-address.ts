/** Addresses of databases, as `wombat up --database` takes them. */

/** What is wrong with an address, and what to write instead. */
export interface AddressFault {
  readonly why: string;
  readonly next: string;
}

/** Null for an address that can be used. A password in an argument is one that everybody on the machine can read (I8). */
export function databaseAddressFault(address: string): AddressFault | null {
  const parsed = URL.canParse(address) ? new URL(address) : undefined;
  if (parsed === undefined || !['postgres:', 'postgresql:'].includes(parsed.protocol))
    return { why: 'the database is no postgres:// address', next: 'write it as postgres://user@host:5432/name' };
  if (parsed.password === '' && !parsed.searchParams.has('password')) return null;
  return {
    why: 'the address of the database has a password in it, where others can read it',
    next: 'leave it out, and put the line host:port:name:user:password into ~/.pgpass (chmod 600)',
  };
}
