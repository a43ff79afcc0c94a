/** Checks of what families open: ports that exist, and sources that are families, CIDR blocks or the world. */
import { suggestion } from '../base/nearest.ts';
import type { Subject } from './check-subject.ts';
import { at } from './document-path.ts';
import type { Finding } from './document-path.ts';
import type { FamilyDefinition } from './family.ts';
import { isBlock, portRange } from './firewall.ts';

const lastPort = 65_535;

/** Checks of one family. */
export function checkFirewall({ document }: Subject, name: string, family: FamilyDefinition): Finding[] {
  const families = Object.keys(document.families);
  return (family.firewall ?? []).flatMap(({ ports, from }, index) => {
    const path = ['families', name, 'firewall', index];
    const [first, last] = portRange(ports);
    const isRange = first >= 1 && first <= last && last <= lastPort;
    const wrong = isRange
      ? []
      : [at([...path, 'ports'], `${String(ports)} is no range of ports`, 'write 8080 or 8000-8099')];
    const unknown = from.flatMap((source, nth) => {
      if (source === 'world' || families.includes(source) || isBlock(source)) return [];
      const hint = suggestion(source, [...families, 'world'], 'name an address block like 192.0.2.0/24, or one of');
      return [at([...path, 'from', nth], `"${source}" is no family and no address block`, hint)];
    });
    return [...wrong, ...unknown];
  });
}
