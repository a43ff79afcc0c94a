/** Did you mean …? The known word that a mistyped one most likely stands for. */

/** One row of the table of distances: what it takes to reach each prefix of `to`. */
type Row = readonly number[];

/** Edit distance where a swap of neighbours counts once (optimal string alignment). */
export function editDistance(from: string, to: string): number {
  let beforeLast: Row = [];
  let last: Row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let row = 1; row <= from.length; row++) {
    const next: number[] = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const choices = [cell(last, column) + 1, cell(next, column - 1) + 1, cell(last, column - 1) + (same ? 0 : 1)];
      if (swapped) choices.push(cell(beforeLast, column - 2) + 1);
      next.push(Math.min(...choices));
    }
    [beforeLast, last] = [last, next];
  }
  return cell(last, to.length);
}

function cell(row: Row, at: number): number {
  return row[at] ?? Number.POSITIVE_INFINITY;
}

/**
 * The candidate nearest to `word`, or undefined when none is near enough: at most one edit for every three letters
 * (and at least one). Case counts less than letters: `Master` is near `master`. Ties go to the first candidate.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const folded = word.toLowerCase();
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const allowed = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
    if (Math.abs(word.length - candidate.length) > allowed) continue;
    const distance = editDistance(folded, candidate.toLowerCase());
    if (distance <= allowed && (best === undefined || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
}

/** A sentence for a fault's hint: `did you mean "colony"?`, or the words there are; null when there are none. */
export function suggestion(word: string, candidates: Iterable<string>, what: string): string | null {
  const known = [...candidates];
  const near = nearest(word, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  if (known.length === 0) return null;
  const shown = known.slice(0, 12).join(', ');
  return `${what}: ${shown}${known.length > 12 ? ` and ${known.length - 12} more` : ''}`;
}
