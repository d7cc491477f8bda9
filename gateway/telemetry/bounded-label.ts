// Owns the promise that no metric label grows without bound, whatever is put into it.

/** Replaces what has not the shape, and what comes after so many different values. */
export function boundedLabel(shape: RegExp, maxDistinct: number, other: string): (value: string) => string {
  const seen = new Set<string>();
  return (value) => {
    if (seen.has(value)) return value;
    if (!shape.test(value) || seen.size >= maxDistinct) return other;
    seen.add(value);
    return value;
  };
}
