// Owns how long work in the thread that serves lasts before others get their turn.

/** Resolves when what waited for the thread has had it. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
