// Owns a signal that ends with another one or after a time, whichever comes first.

export interface BoundedSignal {
  readonly signal: AbortSignal;
  /** The work is done: nothing is aborted from here on. */
  release(): void;
}

/** As AbortSignal.any with AbortSignal.timeout, without the weak references that those leave to the collector on a hot path. */
export function boundedSignal(outer: AbortSignal, milliseconds: number): BoundedSignal {
  const controller = new AbortController();
  const abort = (): void => controller.abort(outer.reason);
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
  if (outer.aborted) abort();
  else outer.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    release: () => {
      clearTimeout(timer);
      outer.removeEventListener('abort', abort);
    },
  };
}
