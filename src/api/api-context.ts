/** What every endpoint is handed. */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { ArtifactStore } from '../release/release.ts';
import type { Store } from '../store/store.ts';
import type { FirstToken } from './token.ts';
import type { Ports } from './ports.ts';

/** The surroundings of an endpoint: it reads and writes the store, and asks others to act through the ports. */
export interface ApiContext {
  readonly store: Store;
  readonly artifacts: ArtifactStore;
  readonly ports: Ports;
  readonly firstToken: FirstToken;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** when the control plane started, RFC 3339 */
  readonly startedAt: string;
}
