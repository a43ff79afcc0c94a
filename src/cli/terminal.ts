/**
 * The two streams of a command: results on standard output, everything on the way there on standard error. So a pipe
 * gets results alone, and a person sees both.
 */
import { createInterface } from 'node:readline/promises';
import { Mailbox } from '../base/mailbox.ts';
import { paintFor } from './paint.ts';
import type { Environment } from './environment.ts';
import type { Paint } from './paint.ts';

/** Where a command writes and asks. */
export interface Terminal {
  /** columns for prose */
  readonly width: number;
  /** columns for tables: infinite where standard output is no terminal, so that a pipe loses nothing */
  readonly tableWidth: number;
  /** progress may be redrawn in place */
  readonly live: boolean;
  /** somebody is there to answer */
  readonly interactive: boolean;
  /** colours of standard output */
  readonly paint: Paint;
  /** colours of standard error */
  readonly notePaint: Paint;
  /** Lines on standard output. */
  print(...lines: readonly string[]): void;
  /** Bytes on standard output as they are. */
  write(chunk: Uint8Array): void;
  /** Lines on standard error. */
  note(...lines: readonly string[]): void;
  /** Text on standard error as it is: what redraws in place writes through this. */
  draw(text: string): void;
  /** One line from the person; the signal takes the question back. */
  ask(question: string, signal: AbortSignal): Promise<string>;
  /** Line after line from the person or a pipe, with history and editing where it is a terminal. */
  lines(onInterrupt: () => void): LineReader;
}

/** Reads lines until the input ends or it is closed. */
export interface LineReader {
  /** The next line, asked for by that prompt; null at the end (Ctrl-D). */
  next(prompt: string): Promise<string | null>;
  close(): void;
}

/** The terminal of this process. */
export function openTerminal(environment: Environment, colour: boolean): Terminal {
  const { stdin, stdout, stderr } = process;
  const wanted = colour && !environment.noColor;
  const width = environment.columns ?? (stdout.isTTY ? stdout.columns : stderr.isTTY ? stderr.columns : 80);
  return {
    width,
    tableWidth: stdout.isTTY || environment.columns !== undefined ? width : Number.POSITIVE_INFINITY,
    live: stderr.isTTY && wantsRedraw(environment),
    interactive: stdin.isTTY && stderr.isTTY,
    paint: paintFor(wanted && stdout.isTTY),
    notePaint: paintFor(wanted && stderr.isTTY),
    print: (...lines) => void stdout.write(lines.map((line) => `${line}\n`).join('')),
    write: (chunk) => void stdout.write(chunk),
    note: (...lines) => void stderr.write(lines.map((line) => `${line}\n`).join('')),
    draw: (text) => void stderr.write(text),
    ask: askOnTerminal,
    lines: readLines,
  };
}

function wantsRedraw(environment: Environment): boolean {
  return environment.variable('TERM') !== 'dumb';
}

async function askOnTerminal(question: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question, { signal });
  } finally {
    lines.close();
  }
}

/** Prompts are shown to people only. In raw mode Ctrl-C is a key like any other, which readline hands us. */
function readLines(onInterrupt: () => void): LineReader {
  const { stdin, stdout } = process;
  const lines = new Mailbox<string>();
  const editor = createInterface({ input: stdin, ...(stdin.isTTY ? { output: stdout, historySize: 1000 } : {}) });
  editor.on('line', (line) => void lines.put(line));
  editor.on('close', () => lines.close());
  editor.on('SIGINT', onInterrupt);
  return {
    next(prompt) {
      if (stdin.isTTY) {
        editor.setPrompt(prompt);
        editor.prompt(true);
      }
      return lines.take();
    },
    close: () => editor.close(),
  };
}
