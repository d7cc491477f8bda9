// Owns one question to several nodes: the next is asked when one fails, or takes longer than usual; the first good answer wins.
import { ChainUnavailable } from '../../chain-reader.ts';

/** Throws ChainUnavailable where its node gives no good answer. Ends soon after its signal. */
export type Attempt<T> = (signal: AbortSignal) => Promise<T>;

export interface HedgeOptions {
  /** After which a second node is asked too; `null`: only when the first has failed. */
  readonly afterMs: number | null;
  /** The attempt of this position was made while an earlier one was still under way. */
  readonly onHedge: (position: number) => void;
}

/** Why the question to a node was given up. */
export const OVERTAKEN = new Error('another node has answered');

/** The others are aborted once one has answered. Throws ChainUnavailable when all have failed, and other errors at once. */
export async function hedge<T>(
  attempts: readonly Attempt<T>[],
  { afterMs, onHedge }: HedgeOptions,
  signal: AbortSignal,
): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const failures: ChainUnavailable[] = [];
  let started = 0;
  const start = (): void => {
    const attempt = attempts[started];
    if (attempt === undefined) return;
    started += 1;
    attempt(controller.signal).then(resolve, (error: unknown) => {
      if (!(error instanceof ChainUnavailable)) return reject(error);
      failures.push(error);
      if (started < attempts.length && !controller.signal.aborted) start();
      else if (failures.length === started) reject(joined(failures));
    });
  };
  const timer = afterMs === null || attempts.length < 2 ? undefined : setTimeout(hedgeOnce, afterMs);
  function hedgeOnce(): void {
    if (started >= attempts.length) return;
    onHedge(started);
    start();
  }
  start();
  if (started === 0) reject(new ChainUnavailable('there is no RPC node that may be asked now'));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    controller.abort(OVERTAKEN);
  }
}

function joined(failures: readonly ChainUnavailable[]): ChainUnavailable {
  const [first] = failures;
  if (first !== undefined && failures.length === 1) return first;
  const messages = [...new Set(failures.map(({ message }) => message))];
  return new ChainUnavailable(`${failures.length} RPC nodes were asked: ${messages.join('; ')}`, { cause: first });
}
