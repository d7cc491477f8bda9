// Owns what stands for a wallet template that could not be opened at the start: it says why nothing is made or signed, and is tried again.
import { faultOf, type SignerFault, textOf } from '../unopened-signer.ts';
import type { OpenedTemplate } from './opened-template.ts';

export interface ReopeningTemplate {
  /** Itself from when it could be opened. */
  readonly opened: OpenedTemplate;
  /** Why it is not open; `null`: it is. */
  readonly fault: () => SignerFault | null;
  /** Tries to open it, unless that was tried just now. Never rejects. */
  readonly tryAgain: () => Promise<void>;
}

export interface ReopeningOptions {
  readonly backend: string;
  readonly fault: SignerFault;
  /** Asks no service. Rejects with a SignerFault. */
  readonly open: () => Promise<OpenedTemplate>;
  /** Milliseconds that never go back. */
  readonly elapsedMs: () => number;
}

/** What is read are files: often enough that nobody waits for it, and not at every signature that is asked for meanwhile. */
export const TRY_EVERY_MS = 1_000;

export function reopeningTemplate({ backend, fault: first, open, elapsedMs }: ReopeningOptions): ReopeningTemplate {
  let fault = first;
  let real: OpenedTemplate | null = null;
  let isClosed = false;
  let triedAt = elapsedMs();
  let trying: Promise<void> | null = null;
  const tryToOpen = async (): Promise<void> => {
    triedAt = elapsedMs();
    try {
      const found = await open();
      if (isClosed) await found.creator.close();
      else real = found;
    } catch (error) {
      fault = faultOf(error);
    } finally {
      trying = null;
    }
  };
  const tryAgain = async (): Promise<void> => {
    if (real !== null || isClosed) return;
    if (trying === null && elapsedMs() - triedAt < TRY_EVERY_MS) return;
    trying ??= tryToOpen();
    await trying;
  };
  const unavailable = () => ({ kind: 'unavailable', reason: textOf(fault) }) as const;
  const creatorNow = async () => {
    await tryAgain();
    return real?.creator ?? null;
  };
  return {
    tryAgain,
    fault: () => (real === null ? fault : null),
    opened: {
      creator: {
        backend,
        create: async (label, signal) => (await creatorNow())?.create(label, signal) ?? unavailable(),
        get findBy() {
          return real === null ? (label: string) => `a key called ${label}` : real.creator.findBy;
        },
        get destroy() {
          return real === null ? async () => unavailable() : real.creator.destroy;
        },
        get export() {
          return real?.creator.export ?? null;
        },
        get import() {
          return real?.creator.import ?? null;
        },
        check: async (signal) =>
          (await creatorNow())?.check(signal) ?? { kind: 'failed', field: fault.field, reason: fault.message },
        close: async () => {
          isClosed = true;
          await real?.creator.close();
        },
      },
      openSigner: async (key) => {
        await tryAgain();
        if (real === null) throw fault;
        return real.openSigner(key);
      },
      get guard() {
        return real?.guard ?? null;
      },
    },
  };
}
