// Owns one question for many: what is asked for in one turn of the event loop is asked for together.

/** `ask`: called with each key once; must answer all of them. */
export function askTogether<T>(
  ask: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>,
): (key: string) => Promise<T> {
  let next: { readonly keys: Set<string>; readonly answers: Promise<ReadonlyMap<string, T>> } | null = null;
  return async (key) => {
    next ??= begin();
    next.keys.add(key);
    const answer = (await next.answers).get(key);
    if (answer === undefined) throw new Error(`nothing was answered about ${key}`);
    return answer;
  };

  function begin() {
    const keys = new Set<string>();
    const turn = new Promise<void>((resolve) => setImmediate(resolve));
    const answers = turn.then(() => {
      next = null;
      return ask([...keys]);
    });
    return { keys, answers };
  }
}
