import { describe, expect, test } from 'vitest';
import { LossyLines } from './log.ts';

/** A disk with room for so many bytes. */
class Disk {
  room: number;
  text = '';
  constructor(room: number) {
    this.room = room;
  }
  readonly put = (bytes: Uint8Array): number => {
    if (this.room === 0) throw new Error('ENOSPC: no space left on device, write');
    const taken = Math.min(this.room, bytes.length);
    this.text += Buffer.from(bytes.subarray(0, taken)).toString();
    this.room -= taken;
    return taken;
  };
}

describe('lines on a full disk', () => {
  test('are dropped, and counted once there is room again', () => {
    const disk = new Disk(9);
    const lines = new LossyLines(disk.put);
    for (const line of ['one\n', 'two\n', 'three\n', 'four\n']) lines.write(line);
    expect(disk.text).toBe('one\ntwo\nt');
    disk.room = 1000;
    lines.write('five\n');
    lines.write('six\n');
    const [, , torn, account, ...rest] = disk.text.split('\n');
    expect(torn).toBe('t');
    expect(JSON.parse(account ?? '')).toMatchObject({ lost: 2, error: 'ENOSPC: no space left on device, write' });
    expect(rest).toEqual(['five', 'six', '']);
  });

  test('the account itself may find no room', () => {
    const disk = new Disk(4);
    const lines = new LossyLines(disk.put);
    lines.write('one\n');
    lines.write('two\n');
    disk.room = 5;
    lines.write('three\n');
    disk.room = 1000;
    lines.write('four\n');
    const account = disk.text.split('\n').find((line) => line.includes('"lost":2'));
    expect(account).toBeDefined();
    expect(disk.text.endsWith('\nfour\n')).toBe(true);
  });
});
