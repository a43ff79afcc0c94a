/**
 * Builds `dist/`, what the package consists of where it is installed: Node strips no types below node_modules. In the
 * project itself nothing is built, sources run as they are. `npm pack` runs this.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.ts';

/** Makes `dist/` anew. Throws when the compiler finds something wrong. */
function build(): void {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
}

if (import.meta.main) build();
