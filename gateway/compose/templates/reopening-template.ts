// Owns what stands for a wallet template that could not be opened at the start: it says why nothing is made or signed, and is tried again.
import { createReopening, type Reopening, type ReopeningOptions } from '../reopening.ts';
import { textOf } from '../unopened-signer.ts';
import type { OpenedTemplate } from './opened-template.ts';

export interface ReopeningTemplate extends Pick<Reopening<OpenedTemplate>, 'fault' | 'tryAgain'> {
  /** Itself from when it could be opened. */
  readonly opened: OpenedTemplate;
}

type Options = Omit<ReopeningOptions<OpenedTemplate>, 'closeOpened'> & { readonly backend: string };

export function reopeningTemplate({ backend, ...options }: Options): ReopeningTemplate {
  const reopening = createReopening({ ...options, closeOpened: ({ creator }) => creator.close() });
  const { current, tryAgain } = reopening;
  const fault = () => reopening.fault() ?? options.fault;
  const unavailable = () => ({ kind: 'unavailable', reason: textOf(fault()) }) as const;
  const creatorNow = async () => {
    await tryAgain();
    return current()?.creator ?? null;
  };
  return {
    tryAgain,
    fault: reopening.fault,
    opened: {
      creator: {
        backend,
        create: async (label, signal) => (await creatorNow())?.create(label, signal) ?? unavailable(),
        get findBy() {
          const real = current();
          return real === null ? (label: string) => `a key called ${label}` : real.creator.findBy;
        },
        get destroy() {
          const real = current();
          return real === null ? async () => unavailable() : real.creator.destroy;
        },
        get export() {
          return current()?.creator.export ?? null;
        },
        get import() {
          return current()?.creator.import ?? null;
        },
        check: async (signal) =>
          (await creatorNow())?.check(signal) ?? { kind: 'failed', field: fault().field, reason: fault().message },
        close: reopening.close,
      },
      openSigner: async (key) => {
        await tryAgain();
        const real = current();
        if (real === null) throw fault();
        return real.openSigner(key);
      },
      get guard() {
        return current()?.guard ?? null;
      },
    },
  };
}
