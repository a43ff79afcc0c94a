/**
 * Loaded into the control plane's process (`node --import`): writes down, within a second of each longer one, for how long
 * its one thread has done nothing but one thing at most, milliseconds. Where the machine is busy with others, that is part of it.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const everyMs = 1_000;
const resolution = 10;

const file = process.env['TENK_STANDSTILL'];
if (file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  let written = -1;
  setInterval(() => {
    const longest = Math.round(delay.max / 1e6);
    if (longest === written) return;
    written = longest;
    writeFileSync(`${file}.new`, String(longest));
    renameSync(`${file}.new`, file);
  }, everyMs).unref();
}
