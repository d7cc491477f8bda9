// Owns a signer that is opened when it is needed first: of the wallets that are made through the gateway there may be thousands.
import type { Signer, SignerCheck, SignResult } from '../../signers/signer.ts';
import { untilAborted } from '../../signers/until-aborted.ts';
import { faultOf, SignerFault, textOf } from './unopened-signer.ts';

export interface LazySigner {
  readonly name: string;
  readonly backend: string;
  /** Base58, as the record has it. */
  readonly address: string;
  readonly custody: Signer['custody'];
  /** Asks no service. Rejects with a SignerFault; then the next call tries again. */
  readonly open: () => Promise<Signer>;
}

export function createLazySigner({ name, backend, address, custody, open }: LazySigner): Signer {
  let opening: Promise<Signer> | null = null;
  let isClosed = false;
  const openOnce = async (): Promise<Signer> => {
    if (isClosed) throw new SignerFault(null, 'the signer is closed');
    opening ??= openOf(address, open);
    const mine = opening;
    return mine.catch((error: unknown) => {
      if (opening === mine) opening = null;
      throw error;
    });
  };
  const openFor = async (signal: AbortSignal): Promise<Signer | SignerFault> =>
    (await untilAborted(openOnce(), signal).catch(faultOf)) ??
    new SignerFault(null, 'the caller left before it was open');
  return {
    name,
    backend,
    address,
    custody,
    repeatable: true,
    sign: async (messageBytes, context): Promise<SignResult> => {
      const opened = await openFor(context.signal);
      if (!(opened instanceof SignerFault)) return opened.sign(messageBytes, context);
      return { kind: 'unavailable', reason: textOf(opened), ambiguous: false };
    },
    check: async (signal): Promise<SignerCheck> => {
      const opened = await openFor(signal);
      if (!(opened instanceof SignerFault)) return opened.check(signal);
      return { kind: 'failed', field: opened.field, reason: opened.message };
    },
    close: async () => {
      isClosed = true;
      await opening?.then(
        (signer) => signer.close(),
        () => undefined,
      );
    },
  };
}

/** What signs is the key of the record, or nothing. */
async function openOf(address: string, open: LazySigner['open']): Promise<Signer> {
  const signer = await open();
  if (signer.address === address) return signer;
  await signer.close();
  throw new SignerFault(null, `its key is that of ${signer.address}, and the record has ${address}`);
}
