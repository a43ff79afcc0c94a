/** Answers that are more than a value with the endpoint's usual status. */

/** A thing that did not exist before: 201 instead of 200. */
export class Created<V> {
  readonly value: V;

  constructor(value: V) {
    this.value = value;
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
