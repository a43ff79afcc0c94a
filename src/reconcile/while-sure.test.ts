import { expect, test } from 'vitest';
import { Fault } from '../base/fault.ts';
import { whileSure } from './while-sure.ts';

class Door {
  #opened = 0;
  readonly where = 'here';

  look(): Promise<number> {
    return Promise.resolve(this.#opened);
  }

  async act(times: number): Promise<number> {
    await Promise.resolve();
    return (this.#opened += times);
  }
}

test('an act that is begun once nobody knows whether we may is not done; looking, and what was begun before, is', async () => {
  const door = new Door();
  let isSure = true;
  const mayAct = () => {
    if (!isSure) throw new Fault('unavailable', 'nobody knows just now');
  };
  const guarded = whileSure(door, mayAct, ['act']);
  expect(await guarded.act(1)).toBe(1);
  const begun = guarded.act(2);
  isSure = false;
  expect(await begun).toBe(3);
  // a pass that holds the door since then goes on
  expect(() => guarded.act(1)).toThrow('nobody knows just now');
  expect([await guarded.look(), guarded.where]).toEqual([3, 'here']);
  isSure = true;
  expect(await guarded.act(1)).toBe(4);
});
