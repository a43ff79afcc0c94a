/** Under which ETag each answer came: kept beside the answers, so that these are the nouns and nothing else. */
const tags = new WeakMap<object, string>();

/** Notes the tag of an answer, where it has one. */
export function noteTag(answer: unknown, response: Response): void {
  const tag = response.headers.get('etag');
  if (tag !== null && typeof answer === 'object' && answer !== null) tags.set(answer, tag);
}

/** The ETag under which an answer came; undefined when it came under none: items of lists do not. */
export function tagOf(answer: object): string | undefined {
  return tags.get(answer);
}
