/**
 * Bytes that leave together: the SSH library writes each packet in up to three pieces, and many channels of one connection
 * have something to say in the same turn of the event loop. What is written within one turn leaves in one system call.
 */
import type { Socket } from 'node:net';
import { nextTurn } from '../clock.ts';

/** Has a socket gather what is written to it until the turn of the event loop is over. Returns it. */
export function gathered<S extends Pick<Socket, 'cork' | 'uncork' | 'write'>>(socket: S): S {
  const write = socket.write.bind(socket) as (...all: unknown[]) => boolean;
  let isCorked = false;
  socket.write = (...all: unknown[]) => {
    if (!isCorked) {
      isCorked = true;
      socket.cork();
      void nextTurn().then(() => {
        isCorked = false;
        socket.uncork();
      });
    }
    return write(...all);
  };
  return socket;
}
