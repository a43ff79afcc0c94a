/** Answers that are more than a value with the endpoint's usual status. */

/** A thing that did not exist before: 201 instead of 200. */
export class Created<V> {
  readonly value: V;

  constructor(value: V) {
    this.value = value;
  }
}

/** A page whose JSON is written already, and the cursor of the one behind it. */
export class Written {
  readonly json: Uint8Array;
  readonly next: string | null;

  constructor(json: Uint8Array, next: string | null) {
    this.json = json;
    this.next = next;
  }
}

/** A stream of text or bytes, as long as somebody listens. */
export class Streamed {
  readonly contentType: string;
  readonly chunks: AsyncIterable<string | Uint8Array>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    contentType: string,
    chunks: AsyncIterable<string | Uint8Array>,
    headers: Readonly<Record<string, string>> = {},
  ) {
    this.contentType = contentType;
    this.chunks = chunks;
    this.headers = headers;
  }
}
