// Owns the guess at what a mistyped name was meant to be.

/** Edits (insert, remove, replace, swap of neighbours) that turn one text into the other. */
function distance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, n) => n);
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row.push(
        Math.min(
          (last[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (last[j - 1] ?? 0) + same,
          swapped ? (beforeLast[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length] ?? 0;
}

/** The only name that has all words of the given one but the last, where those are two or more: `max_per_tx`. */
function sharingBeginning(plain: string, names: readonly string[]): string | null {
  const beginning = plain.slice(0, plain.lastIndexOf('_') + 1);
  const sharing = names.filter((name) => name.toLowerCase().startsWith(beginning));
  return beginning.split('_').length > 2 && sharing.length === 1 ? (sharing[0] ?? null) : null;
}

/**
 * The nearest of the names that is near enough to be meant: by default, at most a third of its letters wrong, or its last word another.
 * `null`: none.
 */
export function nearestName(given: string, names: readonly string[], mostEdits?: number): string | null {
  // Nothing that long is a slip of one of our names.
  if (given.length > 64) return null;
  const plain = given.toLowerCase().replaceAll('-', '_');
  const [best] = names
    .map((name) => ({ name, edits: distance(plain, name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= (mostEdits ?? Math.max(1, Math.floor(name.length / 3))))
    .sort((a, b) => a.edits - b.edits);
  return best?.name ?? (mostEdits === undefined ? sharingBeginning(plain, names) : null);
}

/** The nearest of ids, which have dashes where the guess reads underscores. `null`: none. */
function nearestId(given: string, ids: readonly string[]): string | null {
  const nearest = nearestName(
    given,
    ids.map((id) => id.replaceAll('-', '_')),
  );
  return ids.find((id) => id.replaceAll('-', '_') === nearest) ?? null;
}

/** Put behind what has no such name: ` (did you mean trader?)`, or nothing. */
export function didYouMean(given: string, ids: readonly string[]): string {
  const nearest = nearestId(given, ids);
  return nearest === null ? '' : ` (did you mean ${nearest}?)`;
}
