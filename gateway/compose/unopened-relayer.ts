// Owns what stands for a relayer that could not be opened at the start: nothing is sent or paid for by it, it says why, and is tried again.
import type { FeePayer } from '../../relayer/fee-payer.ts';
import type { Relayer } from '../../relayer/relayer.ts';
import type { OpenedRelayer } from './relayers.ts';
import { createReopening, type ReopeningOptions } from './reopening.ts';
import { textOf } from './unopened-signer.ts';

type Options = Omit<ReopeningOptions<OpenedRelayer>, 'closeOpened'> & {
  readonly name: string;
  readonly backend: string;
  /** Who sends what it pays for; `null`: it sends by itself, and pays for nothing. */
  readonly sender: Relayer | null;
};

/** Itself from when it could be opened. */
export function createUnopenedRelayer({ name, backend, sender, ...options }: Options): OpenedRelayer {
  const reopening = createReopening({ ...options, closeOpened: ({ relayer }) => relayer.close() });
  const { current, tryAgain } = reopening;
  const fault = () => reopening.fault() ?? options.fault;
  return {
    reopening,
    relayer: {
      name,
      backend,
      lack: () => {
        if (sender !== null) return sender.lack();
        // What comes of it shows at the next call.
        void tryAgain();
        return reopening.fault()?.message ?? null;
      },
      submit: async (signedTransaction, signal) => {
        if (sender !== null) return sender.submit(signedTransaction, signal);
        const real = current();
        if (real !== null) return real.relayer.submit(signedTransaction, signal);
        return { kind: 'unknown', reason: `the relayer ${name} is not open: ${textOf(fault())}` };
      },
      check: async (signal) => {
        await tryAgain();
        const real = current();
        if (real !== null) return real.relayer.check(signal);
        return { kind: 'failed', field: fault().field, reason: fault().message };
      },
      close: reopening.close,
    },
    feePayer: sender === null ? null : payerOf(name, backend, { current, fault }),
    sponsorship: null,
  };
}

/** Nobody pays as long as it is not open, the wallet neither: what names another fee payer is not signed. */
function payerOf(
  name: string,
  backend: string,
  {
    current,
    fault,
  }: { readonly current: () => OpenedRelayer | null; readonly fault: () => Parameters<typeof textOf>[0] },
): FeePayer {
  return {
    name,
    backend,
    custody: 'remote',
    get address() {
      return current()?.feePayer?.address ?? null;
    },
    cosign: async (messageBytes, wireTransaction, context) => {
      const payer = current()?.feePayer ?? null;
      if (payer !== null) return payer.cosign(messageBytes, wireTransaction, context);
      return { kind: 'unavailable', reason: `the relayer ${name} is not open: ${textOf(fault())}` };
    },
  };
}
