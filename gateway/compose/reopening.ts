// Owns how what could not be opened at the start is opened later: when somebody asks for it, and not more often than makes sense.
import type { ReadyPart } from '../telemetry/http.ts';
import { faultOf, type SignerFault, textOf } from './unopened-signer.ts';

export interface Reopening<T> {
  /** `null`: it is not open. */
  readonly current: () => T | null;
  /** Why it is not open; `null`: it is. */
  readonly fault: () => SignerFault | null;
  /** Tries to open it, unless that was tried just now. Never rejects. */
  readonly tryAgain: () => Promise<void>;
  close(): Promise<void>;
}

export interface ReopeningOptions<T> {
  readonly fault: SignerFault;
  /** Asks no service. Rejects with a SignerFault. */
  readonly open: () => Promise<T>;
  readonly closeOpened: (opened: T) => Promise<void>;
  /** Milliseconds that never go back. */
  readonly elapsedMs: () => number;
}

/** What is read are files: often enough that nobody waits for it, and not at every signature that is asked for meanwhile. */
export const TRY_EVERY_MS = 1_000;

export function createReopening<T>({ fault: first, open, closeOpened, elapsedMs }: ReopeningOptions<T>): Reopening<T> {
  let fault = first;
  let opened: T | null = null;
  let isClosed = false;
  let triedAt = elapsedMs();
  let trying: Promise<void> | null = null;
  const tryToOpen = async (): Promise<void> => {
    triedAt = elapsedMs();
    try {
      const found = await open();
      if (isClosed) await closeOpened(found);
      else opened = found;
    } catch (error) {
      fault = faultOf(error);
    } finally {
      trying = null;
    }
  };
  return {
    current: () => opened,
    fault: () => (opened === null ? fault : null),
    tryAgain: async () => {
      if (opened !== null || isClosed) return;
      if (trying === null && elapsedMs() - triedAt < TRY_EVERY_MS) return;
      trying ??= tryToOpen();
      await trying;
    },
    close: async () => {
      isClosed = true;
      if (opened !== null) await closeOpened(opened);
    },
  };
}

/** Each look has what is not open tried again; what comes of that shows at the next one. */
export function unopenedPart(
  part: string,
  { fault, tryAgain }: Pick<Reopening<unknown>, 'fault' | 'tryAgain'>,
): readonly ReadyPart[] {
  const why = fault();
  if (why === null) return [];
  void tryAgain();
  return [{ part, ready: false, detail: textOf(why) }];
}
