// Owns the turns of calls that change one wallet: one at a time in a process, each within what its caller waits.
import { GatewayError } from '../../../core/errors.ts';
import { boundedSignal } from '../../bounded-signal.ts';

export interface WalletTurns {
  /**
   * Resolves or rejects as `work` does. `work` starts when the one before it has settled; its signal is aborted when the caller leaves, or
   * when little of the time is left. Throws KEY_UNAVAILABLE when it does not settle then: it goes on, and its turn with it. `ended`: called
   * once when it has settled, or will not be started.
   */
  take<T>(
    walletId: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
    ended?: () => void,
  ): Promise<T>;
}

/** Of the time that a call has: what backends may take, and after what the caller is told that there is no answer. */
const WORK_SHARE = 0.7;
const ANSWER_SHARE = 0.85;
/** A backend that has not answered so long after it was asked to stop holds up nobody else. */
const ABANDONED_AFTER_MS = 120_000;

export function createWalletTurns(answerWithinMs: number): WalletTurns {
  const last = new Map<string, Promise<void>>();
  return {
    async take(walletId, signal, work, ended = () => undefined) {
      const before = last.get(walletId);
      const bound = boundedSignal(signal, answerWithinMs * WORK_SHARE);
      const patience = boundedSignal(signal, answerWithinMs * ANSWER_SHARE);
      const running = (before ?? Promise.resolve()).then(() => {
        // A caller that left while it waited asks for nothing any more.
        if (bound.signal.aborted) throw noAnswerYet();
        return work(bound.signal);
      });
      void running.then(ended, ended);
      const turn = settledOrAbandoned(running, answerWithinMs + ABANDONED_AFTER_MS);
      last.set(walletId, turn);
      void turn.then(() => {
        bound.release();
        if (last.get(walletId) === turn) last.delete(walletId);
      });
      try {
        return await Promise.race([running, noAnswer(patience.signal)]);
      } finally {
        patience.release();
      }
    },
  };
}

async function settledOrAbandoned(work: Promise<unknown>, ms: number): Promise<void> {
  const { promise: abandoned, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  timer.unref();
  await Promise.race([work.catch(() => undefined), abandoned]);
  clearTimeout(timer);
}

function noAnswer(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = (): void => reject(noAnswerYet());
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

function noAnswerYet(): GatewayError {
  return new GatewayError(
    'KEY_UNAVAILABLE',
    'the backend has not answered yet, to this call or to an earlier one for the same wallet; the same call again goes on',
  );
}
