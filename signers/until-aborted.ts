// Owns the patience of a caller: it goes when its signal says so, and what it waited for goes on.

/** `null`: the caller gave up. Rejects as `work` does. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  const { promise: gaveUp, resolve } = Promise.withResolvers<null>();
  const onAbort = (): void => resolve(null);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([gaveUp, work]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
