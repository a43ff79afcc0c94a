import { describe, expect, test } from 'vitest';
import { formatTerm, parseTerm } from '../erlang/erlang.ts';
import { readView, viewCall } from './view.ts';

const whole =
  "['colony-1@h',['colony-2@h','master-1@h'],['wombat-0@control.invalid'],{\"ants\",\"1.0.0\"}," +
  '[{ants,"The ants","1.0.0"},{kernel,"ERTS  CXC 138 10","8.5.3"}],"4711"]';

test('everything is asked in one call of modules that every node has loaded', () => {
  expect(`${viewCall.module}:${viewCall.function}`).toBe('lists:zipwith3');
  expect(viewCall.args.map((arg) => formatTerm(arg))).toEqual([
    'fun erlang:apply/3',
    '[erlang,erlang,erlang,init,application,os]',
    '[node,nodes,nodes,script_id,which_applications,getpid]',
    '[[],[visible],[hidden],[],[],[]]',
  ]);
});

test('the answer is read', () => {
  expect(readView('colony-1@h', parseTerm(whole))).toEqual({
    name: 'colony-1@h',
    visible: ['colony-2@h', 'master-1@h'],
    hidden: ['wombat-0@control.invalid'],
    release: ['ants', '1.0.0'],
    applications: new Map([
      ['ants', '1.0.0'],
      ['kernel', '8.5.3'],
    ]),
    pid: 4711,
  });
});

test('names and versions may be text of any kind', () => {
  const view = readView('n@h', parseTerm('[n@h,[],[],{<<"ants">>,\'1.0.0\'},[{ants,[],<<"1">>}]]'));
  expect([view.release, [...(view.applications ?? [])]]).toEqual([['ants', '1.0.0'], [['ants', '1']]]);
});

describe('what cannot be read is a fault with the answer in it', () => {
  test.each([
    'ok',
    '[]',
    '[n@h,[],[],{"a","1"}]',
    '[n@h,[1],[],{"a","1"},[]]',
    '[n@h,[],[],{"a"},[]]',
    '[n@h,[],[],{"a","1"},[{kernel,"8"}]]',
  ])('%s', (text) => {
    const answer = parseTerm(text);
    expect(() => readView('n@h', answer)).toThrow(
      expect.objectContaining({
        code: 'unknown',
        detail: expect.objectContaining({ words: formatTerm(answer) }) as unknown,
      }),
    );
  });
});
