/**
 * A block of lines at the end of standard error that is redrawn in place: each drawing goes back up over the one before
 * (CSI n A) and erases what is below (CSI 0 J), as ECMA-48 defines them.
 */
import type { Terminal } from './terminal.ts';

/** The block. */
export interface LiveDisplay {
  /** Replaces what the block shows. Lines must not be wider than the terminal. */
  show(lines: readonly string[]): void;
  /** Takes the block away. */
  clear(): void;
}

/** A block on a terminal that can redraw; elsewhere one that shows nothing. */
export function openLiveDisplay(terminal: Terminal): LiveDisplay {
  let height = 0;
  if (!terminal.live) return { show() {}, clear() {} };
  const back = () => (height === 0 ? '' : `\u001b[${height}A\r`);
  return {
    show(lines) {
      terminal.draw(`${back()}\u001b[0J${lines.map((line) => `${line}\n`).join('')}`);
      height = lines.length;
    },
    clear() {
      if (height > 0) terminal.draw(`${back()}\u001b[0J`);
      height = 0;
    },
  };
}
