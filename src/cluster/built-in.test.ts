import { describe, expect, test } from 'vitest';
import { builtInActions } from '../model/bootstrap.ts';
import { parseCall } from '../model/call.ts';
import { builtInAction } from './built-in.ts';

describe('the built-in actions', () => {
  const steps = builtInActions.flatMap((name) => {
    const action = builtInAction(name);
    return [action?.done, action?.join, action?.leave].filter((step) => step !== undefined);
  });

  test.each(steps)('%j can be run', (step) => {
    expect('command' in step ? { ok: true } : parseCall(step.call)).toMatchObject({ ok: true });
  });

  test('only `none` has no steps', () => {
    expect(builtInActions.filter((name) => builtInAction(name) === null)).toEqual(['none']);
  });
});
