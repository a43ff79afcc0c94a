/** A shell on a node, over WebSocket: pieces to show come out, lines go in. See the API's `shell-socket.ts`. */
import { Mailbox } from '../base/mailbox.ts';
import type { ShellInput, ShellPiece, ShellSettings } from '../model/exchange.ts';
import { ProblemError, localProblem } from './problem-error.ts';
import type { Wire } from './wire.ts';

/** An open shell. */
export interface OpenShell {
  /** What to show, in order; ends with a piece of kind `end`. ProblemError when it was refused or cut off. To be read once. */
  pieces(): AsyncIterable<ShellPiece>;
  /** One line, without its end. */
  type(line: string): void;
  /** Ends what is being evaluated. */
  interrupt(): void;
  close(): void;
}

/** Closed as it should be (RFC 6455, section 7.4.1). */
const closedNormally = new Set([1000, 1005]);

/** Opens a shell; resolves when the control plane has taken the connection. */
export async function openShell(
  wire: Wire,
  reference: string,
  settings: Partial<ShellSettings>,
  signal: AbortSignal,
): Promise<OpenShell> {
  const query = new URLSearchParams(Object.entries(settings).map(([key, value]) => [key, String(value)]));
  const socket = wire.socket(`/nodes/${encodeURIComponent(reference)}/shell?${query.toString()}`);
  const pieces = new Mailbox<ShellPiece | ProblemError>();
  socket.addEventListener('message', ({ data }) => void pieces.put(JSON.parse(String(data)) as ShellPiece));
  socket.addEventListener('close', ({ code, reason }) => {
    if (!closedNormally.has(code)) void pieces.put(cutOff(reason));
    pieces.close();
  });
  signal.addEventListener('abort', () => socket.close(), { once: true });
  await opened(socket, wire);
  const say = (input: ShellInput): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(input));
  };
  return {
    pieces: () => read(pieces),
    type: (text) => say({ kind: 'line', text }),
    interrupt: () => say({ kind: 'interrupt' }),
    close: () => socket.close(),
  };
}

async function opened(socket: WebSocket, wire: Wire): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('error', () => reject(new ProblemError(refused(wire))), { once: true });
  });
}

/** The platform tells nothing of a handshake's answer: not whether somebody answered, nor what. */
function refused({ url }: Wire): ReturnType<typeof localProblem> {
  return localProblem('unavailable', `${url} took no shell: nobody answers there, or the token is not the one`);
}

function cutOff(reason: string): ProblemError {
  return new ProblemError(localProblem('unavailable', reason === '' ? 'the connection was cut off' : reason));
}

async function* read(pieces: Mailbox<ShellPiece | ProblemError>): AsyncGenerator<ShellPiece> {
  for (;;) {
    const piece = await pieces.take();
    if (piece === null) return;
    if (piece instanceof ProblemError) throw piece;
    yield piece;
  }
}
