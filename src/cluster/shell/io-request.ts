/**
 * Erlang's I/O protocol from the side of the device: what a group leader is asked, and what it answers ("The Erlang I/O
 * protocol", STDLIB User's Guide). A process on the node that prints or reads sends us a request; functions that a request
 * names are applied on the node itself, since only there they exist.
 *
 * Reads wait for each other; writes go at once, so that what prints is seen while another waits for a line.
 */
import { asAtom, asInteger, asList, asText, asTuple, atom, binary, charlist, tuple } from '../../erlang/erlang.ts';
import type { Term } from '../../erlang/erlang.ts';

/** The person's side, and the way back to the node. */
export interface Device {
  /** Shows text; resolves when there is room for more. */
  print(text: string): Promise<void>;
  /** The person's next line, with its end; null when the person has left. */
  line(prompt: string): Promise<string | null>;
  /** Applies a function on the node. */
  apply(module: string, name: string, args: readonly Term[]): Promise<Term>;
  readonly columns: number;
  readonly rows: number;
}

const ok = atom('ok');
const error = (why: string) => tuple(atom('error'), atom(why));
/** What a reader is told when nobody is there any more: never `eof`, on which a shell halts its node. */
const terminated = error('terminated');

/** A device for the processes of one shell. */
export class IoServer {
  readonly #device: Device;
  /** what was typed and not read yet */
  #typed = '';
  #asBinary = false;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(device: Device) {
    this.#device = device;
  }

  /** Answers one request: what belongs into `{io_reply, ReplyAs, …}`. Never throws: what fails is an error of the protocol. */
  async answer(request: Term): Promise<Term> {
    try {
      return await this.#answer(request);
    } catch {
      return error('request');
    }
  }

  #answer(request: Term): Promise<Term> | Term {
    const [name, ...args] = asTuple(request) ?? [request];
    switch (asAtom(name)) {
      case 'put_chars':
        return this.#put(args);
      case 'get_until':
      case 'get_line':
      case 'get_chars':
      case 'get_password':
        return this.#inTurn(() => this.#read(asAtom(name) ?? '', args));
      case 'setopts':
        return this.#setOptions(args[0]);
      case 'getopts':
        return [tuple(atom('binary'), atom(String(this.#asBinary))), tuple(atom('encoding'), atom('unicode'))];
      case 'get_geometry':
        return asAtom(args[0]) === 'rows' ? this.#device.rows : this.#device.columns;
      case 'requests':
        return this.#all(asList(args[0]) ?? []);
      default:
        return error('request');
    }
  }

  /** One after another, up to the first that fails; the last one's answer counts. */
  async #all(requests: readonly Term[]): Promise<Term> {
    let last: Term = ok;
    for (const request of requests) {
      last = await this.answer(request);
      if (asAtom(asTuple(last)?.[0]) === 'error') return last;
    }
    return last;
  }

  #setOptions(options: Term | undefined): Term {
    for (const option of asList(options) ?? []) {
      const [key, value] = asTuple(option, 2) ?? [option, atom('true')];
      if (asAtom(key) === 'binary') this.#asBinary = asAtom(value) === 'true';
      if (asAtom(option) === 'list') this.#asBinary = false;
    }
    return ok;
  }

  /** `{put_chars, Encoding, Chars}`, `{put_chars, Encoding, M, F, A}`, and both without an encoding as of old. */
  async #put(args: readonly Term[]): Promise<Term> {
    const encoded = ['unicode', 'latin1'].includes(asAtom(args[0]) ?? '');
    const encoding = encoded ? asAtom(args[0]) : 'latin1';
    const [first, name, more] = encoded ? args.slice(1) : args;
    const chars = more === undefined ? first : await this.#applied(first, name, asList(more) ?? []);
    const text = textOf(chars, encoding === 'latin1');
    if (text === undefined) return error('put_chars');
    await this.#device.print(text);
    return ok;
  }

  #applied(module: Term | undefined, name: Term | undefined, args: readonly Term[]): Promise<Term> {
    return this.#device.apply(asAtom(module) ?? '', asAtom(name) ?? '', args);
  }

  #inTurn<T>(read: () => Promise<T>): Promise<T> {
    const turn = this.#reading.then(read, read);
    this.#reading = turn;
    return turn;
  }

  async #read(how: string, args: readonly Term[]): Promise<Term> {
    const encoded = ['unicode', 'latin1'].includes(asAtom(args[0]) ?? '');
    const [prompt = '' as unknown as Term, ...rest] = encoded ? args.slice(1) : args;
    const shown = await this.#promptText(prompt);
    if (how === 'get_until') return this.#until(shown, rest);
    const length = how === 'get_chars' ? asInteger(rest[0]) : undefined;
    while (!isEnough(this.#typed, length)) if (!(await this.#more(shown))) return terminated;
    const end = length ?? this.#typed.indexOf('\n') + 1;
    const text = this.#typed.slice(0, end);
    this.#typed = this.#typed.slice(end);
    return this.#asBinary ? binary(text) : charlist(text);
  }

  /** Feeds a scanner on the node with lines until it has what it looks for: `M:F(Continuation, Characters, …Extra)`. */
  async #until(prompt: string, [module, name, extra]: readonly Term[]): Promise<Term> {
    let continuation: Term = [];
    for (;;) {
      if (this.#typed === '' && !(await this.#more(prompt))) return terminated;
      const typed = this.#typed;
      this.#typed = '';
      const found = await this.#applied(module, name, [continuation, charlist(typed), ...(asList(extra) ?? [])]);
      const [tag, result, rest] = asTuple(found) ?? [];
      if (asAtom(tag) === 'more') continuation = result ?? [];
      else if (asAtom(tag) !== 'done' || result === undefined) return error('get_until');
      else {
        this.#typed = textOf(rest, false) ?? '';
        return result;
      }
    }
  }

  async #more(prompt: string): Promise<boolean> {
    const line = await this.#device.line(prompt);
    if (line !== null) this.#typed += line;
    return line !== null;
  }

  /** A prompt is characters, or a format that the node's own library fills in. */
  async #promptText(prompt: Term): Promise<string> {
    const text = asAtom(prompt) === undefined ? textOf(prompt, false) : asAtom(prompt);
    if (text !== undefined) return text;
    return textOf(await this.#device.apply('io_lib', 'format_prompt', [prompt, atom('unicode')]), false) ?? '';
  }
}

function isEnough(typed: string, length: number | undefined): boolean {
  return length === undefined ? typed.includes('\n') : typed.length >= length;
}

/** Character data as text: characters, binaries and lists of them; undefined for anything else. */
function textOf(chars: Term | undefined, latin1: boolean): string | undefined {
  const simple = asText(chars);
  if (simple !== undefined && !latin1) return simple;
  if (typeof chars === 'number') return chars >= 0 && chars <= 0x10ffff ? String.fromCodePoint(chars) : undefined;
  if (chars instanceof Uint8Array) return Buffer.from(chars).toString(latin1 ? 'latin1' : 'utf8');
  const parts = asList(chars)?.map((part) => textOf(part, latin1));
  return parts?.every((part) => part !== undefined) === true ? parts.join('') : undefined;
}
