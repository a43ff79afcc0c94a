/** What a failed handshake is called where it is thrown. */
import { Fault } from '../base/fault.ts';
import type { Failure } from './dist/dialogue.ts';

/** The Fault of a failure, or the reason of the signal that ended it. */
export function handshakeFault(outcome: Failure, peer: string, self: string): unknown {
  const object = `node ${peer}`;
  switch (outcome.kind) {
    case 'refused':
      return new Fault('denied', `${peer} refuses our cookie`, { object, next: 'check the cookie of the node' });
    case 'impostor':
      return new Fault('denied', `${peer} does not know the cookie it accepted`, { object });
    case 'not-allowed':
      return new Fault('denied', `${peer} does not let ${self} in`, { object, words: 'not_allowed' });
    case 'name-in-use':
      return new Fault('conflict', `${peer} has a connection to another ${self}`, { object, words: outcome.status });
    case 'other-name':
      return new Fault('not-found', `not ${peer} but ${outcome.name} answers there`, { object });
    case 'bad-answer':
      return new Fault('unavailable', `${peer} does not answer as an Erlang node`, { object, words: outcome.words });
    case 'closed':
      if (outcome.code?.startsWith('ERR_SSL') === true)
        return new Fault('denied', `${peer} refuses our certificate`, { object, words: outcome.words });
      return new Fault('unavailable', `${peer} ended the handshake`, { object, words: outcome.words });
    case 'aborted':
      return outcome.reason;
  }
}
