/** TCP ports on which something listens here, IPv4, as the kernel lists them (proc(5)). */
import { readFileSync } from 'node:fs';

export function listening(): number[] {
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1);
  const sockets = lines.map((line) => line.trim().split(/\s+/)).filter(([, , , state]) => state === '0A');
  return sockets.map(([, local = '']) => parseInt(local.split(':')[1] ?? '0', 16));
}
