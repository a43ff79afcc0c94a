/** Who listens where, read from /proc/net/tcp (proc(5)): local address and port are hexadecimal, state 0A is LISTEN. */
import { Fault } from '../../base/fault.ts';

/** An IPv4 address as /proc/net/tcp writes it: the bytes of the 32-bit word in the order of a little-endian machine. */
export function procAddress(address: string): string {
  const bytes = address.split('.').map(Number);
  const valid = bytes.length === 4 && bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255);
  if (!valid) throw new Fault('invalid', `distribution listens on an IPv4 address, and ${address} is none`);
  return Buffer.from(bytes.reverse()).toString('hex').toUpperCase();
}

/** A port as /proc/net/tcp writes it. */
export function procPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

/**
 * `sockets ADDRESS PORT EPMD_PORT` (in the file's spelling) sets `taken` to the inode of a socket that is in the way of
 * PORT, and `epmd_any`, `epmd_here`, `epmd_loop`, `epmd_seen` to 1 where something listens on EPMD_PORT: on all addresses,
 * on ADDRESS, on loopback, at all.
 */
export const socketsFunction = `
sockets() {
  taken=; epmd_any=; epmd_here=; epmd_loop=; epmd_seen=
  eval "$(awk -v address="$1" -v port="$2" -v epmd="$3" '
    $4 == "0A" {
      split($2, at, ":"); any = at[1] ~ /^0+$/
      if (at[2] == port && (any || at[1] == address || address == "00000000")) print "taken=" $10
      if (at[2] != epmd) next
      print "epmd_seen=1"
      if (any) print "epmd_any=1"
      if (at[1] == address) print "epmd_here=1"
      if (at[1] == "0100007F") print "epmd_loop=1"
    }' /proc/net/tcp /proc/net/tcp6 2>/dev/null)"
}`.trim();

/** `holder INODE` says which process holds a socket, as far as we may see: `pid 4711 (beam.smp)`. */
export const holderFunction = `
holder() {
  found=$(find /proc/[0-9]*/fd -lname "socket:\\[$1\\]" 2>/dev/null | head -n 1)
  found=\${found#/proc/}; found=\${found%%/*}; comm='another user'
  [ -n "$found" ] || { echo 'a process of another user'; return; }
  { read -r comm <"/proc/$found/comm"; } 2>/dev/null
  echo "pid $found ($comm)"
}`.trim();
