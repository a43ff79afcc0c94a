/**
 * Reads server-sent events (html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation) from
 * text as it arrives. Only what the control plane sends: `id`, `data` and comments; other fields are skipped.
 */

/** One block of the stream: an event, or only a new id. */
export interface EventBlock {
  readonly id: string | undefined;
  readonly data: string | undefined;
}

/** The state between chunks. */
export class EventParser {
  #rest = '';
  #id: string | undefined;
  #data: string[] = [];

  /** The blocks that this chunk completes. */
  push(chunk: string): EventBlock[] {
    const text = this.#rest + chunk;
    // a CR at the end may be the first half of a CRLF
    const whole = text.endsWith('\r') ? text.slice(0, -1) : text;
    const lines = whole.split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? '') + text.slice(whole.length);
    return lines.flatMap((line) => this.#take(line));
  }

  #take(line: string): EventBlock[] {
    if (line === '') return this.#end();
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (field === 'id') this.#id = value;
    if (field === 'data') this.#data.push(value);
    return [];
  }

  #end(): EventBlock[] {
    const block = { id: this.#id, data: this.#data.length > 0 ? this.#data.join('\n') : undefined };
    this.#id = undefined;
    this.#data = [];
    return block.id === undefined && block.data === undefined ? [] : [block];
  }
}
