/** What is done on a machine as root: by the program that first boot left there, or where there is none by root or sudo. */
import { Fault } from '../base/fault.ts';
import type { Command, Shell } from '../base/shell.ts';
import { fingerprintOf } from '../base/ssh/host-key.ts';
import { applyFirewall, firewallText, noFirewallText } from './commands/firewall.ts';
import type { FirewallOptions } from './commands/firewall.ts';
import type { Opening } from '../model/firewall.ts';
import { newHostKey, parseNewHostKey, useHostKey } from './commands/first-boot.ts';

/** The few acts of root on a machine. Each may throw Fault unavailable, denied or timeout. */
export interface HostRoot {
  /** Has the machine make a host key of its own, and answers its fingerprint. It goes on showing the other one. Repeatable. */
  newHostKey(signal?: AbortSignal): Promise<string>;
  /** Has it show that key from now on, to new connections. Repeatable. */
  useHostKey(signal?: AbortSignal): Promise<void>;
  /** Makes our firewall on the machine exactly so; null takes it away. Repeatable. */
  setFirewall(openings: readonly Opening[] | null, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Root's acts through a shell. */
export function openHostRoot(shell: Shell, options: FirewallOptions): HostRoot {
  const act = async (command: Command, signal?: AbortSignal) => {
    const { code, stdout, stderr } = await shell.run(command, signal);
    if (code === 0) return stdout;
    throw new Fault(
      code === 126 || code === 127 ? 'unavailable' : 'unknown',
      `${command.what} on ${shell.where} failed`,
      {
        object: `host ${shell.where}`,
        words: stderr.trim().slice(-1000),
      },
    );
  };
  return {
    async newHostKey(signal) {
      const blob = parseNewHostKey(await act(newHostKey(), signal));
      if (blob === null) throw new Fault('unknown', `${shell.where} did not say which host key it made`);
      return fingerprintOf(blob);
    },
    async useHostKey(signal) {
      await act(useHostKey(), signal);
    },
    async setFirewall(openings, signal) {
      const text = openings === null ? noFirewallText(options.owner) : firewallText(openings, options);
      await act(applyFirewall(text), signal);
    },
    close: () => shell.close(),
  };
}
