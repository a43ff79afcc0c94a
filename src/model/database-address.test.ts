import { expect, test } from 'vitest';
import { databaseAddressFault } from './database-address.ts';

test.each(['postgres://wombat@db.example/wombat', 'postgresql://db.example:5433/w?sslmode=verify-full'])(
  '%s can be used',
  (address) => expect(databaseAddressFault(address)).toBeNull(),
);

test.each([
  ['db.example', /no postgres:\/\/ address/],
  ['mysql://u@db/x', /no postgres:\/\/ address/],
  ['postgres://u:geheim@db/x', /has a password in it/],
  ['postgres://u@db/x?password=geheim', /has a password in it/],
])('%s is refused, and the password is not told again', (address, why) => {
  const fault = databaseAddressFault(address);
  expect(fault?.why).toMatch(why);
  expect(JSON.stringify(fault)).not.toContain('geheim');
});
