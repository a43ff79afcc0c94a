import { describe, expect, test } from 'vitest';
import { ErlangError, atom, charlist, tuple } from '../erlang/erlang.ts';
import type { Term } from '../erlang/erlang.ts';
import { answered, ended, raised, saysDone } from './outcome.ts';

const call = { module: 'ants_colony', function: 'join', args: [atom('master-1@h')] };
const node = 'colony-1@h';

describe('what a call answers', () => {
  const failed: [Term, string][] = [
    [atom('false'), 'false'],
    [atom('error'), 'error'],
    [atom('pang'), 'pang'],
    [atom('ignored'), 'ignored'],
    [atom('no'), 'no'],
    [tuple(atom('error'), atom('nxdomain')), '{error,nxdomain}'],
    [tuple(atom('error'), atom('a'), 1), '{error,a,1}'],
    [tuple(atom('badrpc'), atom('nodedown')), '{badrpc,nodedown}'],
    [tuple(atom('aborted'), atom('no_exists')), '{aborted,no_exists}'],
    [tuple(atom('EXIT'), atom('noproc')), "{'EXIT',noproc}"],
  ];
  test.each(failed)('%o is a failure', (answer, words) => {
    expect(answered(answer)).toEqual({ ok: false, words });
  });

  const fine: [Term, string][] = [
    [atom('true'), 'true'],
    [atom('ok'), 'ok'],
    [atom('pong'), 'pong'],
    [atom('undefined'), 'undefined'],
    [tuple(atom('ok'), 3), '{ok,3}'],
    [tuple(atom('atomic'), atom('ok')), '{atomic,ok}'],
    [[], '[]'],
    [[atom('error')], '[error]'],
    [tuple(), '{}'],
  ];
  test.each(fine)('%o is success', (answer, words) => {
    expect(answered(answer)).toEqual({ ok: true, words });
  });

  test('words are bounded', () => {
    expect(answered(Array.from({ length: 5000 }, () => 7)).words.length).toBeLessThan(1100);
  });
});

describe('what a call raises', () => {
  const stack = (module: string, name: string, args: Term): Term => [tuple(atom(module), atom(name), args, [])];
  const cases: [ErlangError, string][] = [
    [
      new ErlangError('error', atom('undef'), stack('ants_colony', 'join', call.args)),
      'ants_colony:join/1 is not exported on colony-1@h',
    ],
    [
      new ErlangError('error', atom('undef'), stack('ants_store', 'open', 2)),
      'ants_colony:join/1 on colony-1@h raised error:undef: ants_store:open/2 is not exported there',
    ],
    [
      new ErlangError('error', tuple(atom('badmatch'), charlist('no way')), stack('ants_colony', 'join', 1)),
      'ants_colony:join/1 on colony-1@h raised error:{badmatch,"no way"}',
    ],
    [new ErlangError('exit', atom('noproc')), 'ants_colony:join/1 on colony-1@h raised exit:noproc'],
    [new ErlangError('throw', atom('late')), 'ants_colony:join/1 on colony-1@h raised throw:late'],
    [new ErlangError('error', atom('undef')), 'ants_colony:join/1 on colony-1@h raised error:undef'],
  ];
  test.each(cases)('%s', (error, words) => {
    expect(raised(error, call, node)).toEqual({ ok: false, words });
  });

  test('what no Erlang code raised is thrown on', () => {
    const gone = new Error('the connection ended');
    expect(() => raised(gone, call, node)).toThrow(gone);
  });
});

describe('what a command comes to', () => {
  test.each([
    [
      { code: 0, output: 'joined\n' },
      { ok: true, words: 'joined' },
    ],
    [
      { code: 3, output: ' no peer \n' },
      { ok: false, words: 'status 3: no peer' },
    ],
    [
      { code: 1, output: '' },
      { ok: false, words: 'status 1' },
    ],
  ])('%j', (finished, outcome) => {
    expect(ended(finished)).toEqual(outcome);
  });
});

describe('a `done` step', () => {
  const asked = { on: 'new', call: 'ants:done()' } as const;
  const command = { on: 'host', command: 'test -e joined' } as const;

  test('says so by `true`, and by nothing else', () => {
    const answers = [atom('true'), atom('false'), atom('undefined'), atom('ok'), []];
    expect(answers.map((answer) => saysDone(asked, answered(answer)))).toEqual([true, false, false, false, false]);
  });

  test('says so by a command that succeeds', () => {
    expect([0, 1].map((code) => saysDone(command, ended({ code, output: '' })))).toEqual([true, false]);
  });
});
