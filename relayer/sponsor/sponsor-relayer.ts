// Owns a relayer whose fees a key of the gateway's own pays: it signs as the fee payer, and another relayer sends.
import type { Address } from '@solana/kit';
import type { ChainReader } from '../chain-reader.ts';
import type { CosignContext, Cosigning, FeePayer } from '../fee-payer.ts';
import type { Relayer, RelayerCheck } from '../relayer.ts';

/** The key that pays. It signs what it is given: whether it should is judged before it is asked. */
export interface SponsorKey {
  /** `null`: not known yet, because its signer could not be opened. */
  readonly address: Address | null;
  readonly custody: FeePayer['custody'];
  sign(messageBytes: Uint8Array, wireTransaction: Uint8Array, context: CosignContext): Promise<Cosigning>;
  /** Signs nothing. */
  check(signal: AbortSignal): Promise<RelayerCheck>;
}

export interface SponsorRelayerOptions {
  readonly name: string;
  /** Not closed here. */
  readonly key: SponsorKey;
  /** Sends what is signed. Not closed here. */
  readonly sender: Relayer;
  readonly chain: Pick<ChainReader, 'getAccounts'>;
  /** What keeps from arriving what it is paid with, as the chain shows it; `null`: nothing does. Throws where the chain does not answer. */
  readonly paymentFault: (signal: AbortSignal) => Promise<FailedCheck | null>;
}

type FailedCheck = Extract<RelayerCheck, { readonly kind: 'failed' }>;

export interface SponsorRelayer {
  readonly relayer: Relayer;
  readonly feePayer: FeePayer;
}

export function createSponsorRelayer({
  name,
  key,
  sender,
  chain,
  paymentFault,
}: SponsorRelayerOptions): SponsorRelayer {
  return {
    relayer: {
      name,
      backend: 'sponsor',
      lack: () => sender.lack(),
      submit: (signedTransaction, signal) => sender.submit(signedTransaction, signal),
      check: async (signal) =>
        worstOf(
          await Promise.all([sender.check(signal).then(asKey('relayer')), key.check(signal).then(asKey('signer'))]),
        ) ??
        (await checkPayment(paymentFault, signal)) ??
        checkBalance(chain, key.address, signal),
      close: async () => undefined,
    },
    feePayer: {
      name,
      backend: 'sponsor',
      get address() {
        return key.address;
      },
      custody: key.custody,
      cosign: (messageBytes, wireTransaction, context) => key.sign(messageBytes, wireTransaction, context),
    },
  };
}

/** A problem of another entry is shown at the key of this one that names it. */
function asKey(field: string): (check: RelayerCheck) => RelayerCheck {
  return (check) => (check.kind === 'ready' ? check : { ...check, field });
}

function worstOf(checks: readonly RelayerCheck[]): RelayerCheck | null {
  return checks.find(({ kind }) => kind === 'failed') ?? null;
}

async function checkPayment(
  paymentFault: SponsorRelayerOptions['paymentFault'],
  signal: AbortSignal,
): Promise<RelayerCheck | null> {
  try {
    return await paymentFault(signal);
  } catch {
    const reason = 'whether a payment can arrive is not known: the chain does not answer';
    return { kind: 'failed', field: null, reason };
  }
}

async function checkBalance(
  chain: Pick<ChainReader, 'getAccounts'>,
  address: Address | null,
  signal: AbortSignal,
): Promise<RelayerCheck> {
  if (address === null) return { kind: 'failed', field: 'signer', reason: 'the address of its key is not known' };
  try {
    const { accounts } = await chain.getAccounts([address], signal);
    const lamports = accounts.get(address)?.lamports ?? 0n;
    if (lamports > 0n) return { kind: 'ready', detail: `pays as ${address}, which holds ${lamports} lamports` };
    return { kind: 'failed', field: null, reason: `${address} holds nothing to pay with; send SOL to it` };
  } catch {
    return { kind: 'failed', field: null, reason: `what ${address} holds is not known: the chain does not answer` };
  }
}
