/**
 * Shell on another machine, over SSH. One connection a host, made when it is first needed and again after it was lost;
 * commands share it as channels. The door of `ssh/`.
 */
import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { unlessAborted, withDeadline } from './abort.ts';
import { sleep } from './clock.ts';
import type { Clock } from './clock.ts';
import { Fault, faultCodeOf } from './fault.ts';
import { followToEnd, runToEnd } from './running.ts';
import type { Running } from './running.ts';
import type { Command, Finished, Shell } from './shell.ts';
import { Slots } from './slots.ts';
import { connectSsh } from './ssh/connection.ts';
import { channelFault, connectionFault, isCrowded, silenceFault, whereOf } from './ssh/faults.ts';
import type { SshKeys, SshTarget } from './ssh/faults.ts';
import { startSession } from './ssh/session.ts';
import type { Session } from './ssh/session.ts';

/** Where a shell leads and how long its connection may take to be made. */
export interface SshOptions extends SshTarget {
  readonly clock: Clock;
  /** milliseconds; 10 000 when absent */
  readonly connectTimeoutMs?: number;
  /** the keys as they are by then, asked before each connection: a shell may outlive the key that it was opened with */
  keysNow?(): Promise<SshKeys>;
}

/** sshd lets ten sessions share a connection (`MaxSessions`); these two together stay below. */
const commandsAtOnce = 6;
const followersAtOnce = 3;

/** How often a session that the server has no room for is asked for, and the pause after the first refusal, milliseconds. */
const sessionTries = 8;
const crowdedMs = 50;

/** How long the far side may take to connect a channel to a port there. */
const dialMs = 10_000;

/**
 * A Shell over SSH; connects when it is first used. The host must show the pinned key, always and first: no credential
 * is sent to another. Faults of its acts beside Shell's own: denied (host key, user key), invalid (unreadable key).
 */
export function openSshShell(options: SshOptions): Shell {
  return new SshShell(options);
}

class SshShell implements Shell {
  readonly where: string;
  readonly #options: SshOptions;
  readonly #commands = new Slots(commandsAtOnce);
  readonly #followers = new Slots(followersAtOnce);
  readonly #ending = new AbortController();
  #connection: Promise<Client> | null = null;

  constructor(options: SshOptions) {
    this.#options = options;
    this.where = whereOf(options);
  }

  run(command: Command, signal?: AbortSignal): Promise<Finished> {
    const launch = (inner: AbortSignal) => this.#launch(command, this.#commands, inner);
    return runToEnd(this.#options.clock, command, launch, signal);
  }

  follow(command: Command, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return followToEnd(command, (inner) => this.#launch(command, this.#followers, inner), signal);
  }

  dial(host: string, port: number, signal?: AbortSignal): Promise<Duplex> {
    const what = `connecting to ${host}:${port} through ${this.where}`;
    const act = async (inner: AbortSignal) => this.#forward({ host, port, what }, await this.#client(inner), inner);
    return withDeadline(this.#options.clock, { ms: dialMs + this.#connectMs, what }, act, signal);
  }

  async close(): Promise<void> {
    this.#ending.abort(new Fault('unavailable', `the shell on ${this.where} was closed`));
    const client = await this.#connection?.catch(() => null);
    client?.end();
  }

  get #connectMs(): number {
    return this.#options.connectTimeoutMs ?? 10_000;
  }

  async #launch(command: Command, slots: Slots, signal: AbortSignal): Promise<Running> {
    const release = await slots.take(signal);
    try {
      const { running, closed } = await this.#session(command, signal);
      void closed.then(release);
      return running;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** A server counts a session until it has buried its process: one that is refused as one too many is asked for again. */
  async #session(command: Command, signal: AbortSignal): Promise<Session> {
    const client = await this.#client(signal);
    for (let tries = 1; ; tries += 1) {
      try {
        return await startSession(client, this.#options, command);
      } catch (error) {
        if (tries === sessionTries || !isCrowded(error)) throw error;
        await sleep(this.#options.clock, tries * crowdedMs, signal);
      }
    }
  }

  /** The connection that stands, or a new one. A caller that gives up does not end it for the others. */
  #client(signal: AbortSignal): Promise<Client> {
    this.#connection ??= this.#connect();
    return unlessAborted(signal, this.#connection);
  }

  #connect(): Promise<Client> {
    const what = `connecting to ${this.where}`;
    const { clock, keysNow } = this.#options;
    const act = async (signal: AbortSignal) => {
      const target = keysNow === undefined ? this.#options : { ...this.#options, ...(await keysNow()) };
      return connectSsh(target, signal);
    };
    const made = withDeadline(clock, { ms: this.#connectMs, what }, act, this.#ending.signal).catch(
      (error: unknown) => {
        this.#connection = null;
        throw faultCodeOf(error) === 'timeout' ? silenceFault(this.#options, what) : error;
      },
    );
    void made.then(
      (client) => client.once('close', () => (this.#connection = null)),
      () => undefined,
    );
    return made;
  }

  #forward(to: Destination, client: Client, signal: AbortSignal): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      const answered = (error: Error | undefined, channel: ClientChannel) => {
        if (error !== undefined) {
          reject(channelFault(this.#options, to.what, error));
          return;
        }
        if (signal.aborted) channel.close();
        resolve(channel);
      };
      try {
        client.forwardOut('127.0.0.1', 0, to.host, to.port, answered);
      } catch (error) {
        reject(connectionFault(this.#options, error as Error));
      }
    });
  }
}

/** A port as seen from the far side. */
interface Destination {
  readonly host: string;
  readonly port: number;
  readonly what: string;
}
