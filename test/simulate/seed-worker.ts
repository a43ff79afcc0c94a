/** A process that runs the seeds it is sent, one at a time, until whoever started it hangs up. */
import type { RunOptions } from './run.ts';
import { measured } from './seeds.ts';

// whoever replays a seed alone sees where an error came from; here it would only cost time
Error.stackTraceLimit = 0;
process.on('message', (options) => {
  void measured(options as RunOptions).then((answer) => process.send?.(answer));
});
