/** The cookies of Erlang nodes, where they lie: in the home of each node. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The cookie files of all nodes below a folder. */
export function cookieFilesBelow(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.erlang.cookie')).map((file) => join(folder, file));
}
