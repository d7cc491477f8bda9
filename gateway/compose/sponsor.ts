// Owns how a signer of the configuration becomes the key that pays for wallets.
import type { ChainReader } from '../../relayer/chain-reader.ts';
import type { Cosigning } from '../../relayer/fee-payer.ts';
import type { Relayer } from '../../relayer/relayer.ts';
import { createSponsorRelayer, type SponsorKey, type SponsorRelayer } from '../../relayer/sponsor/sponsor-relayer.ts';
import type { Signer, SignResult } from '../../signers/signer.ts';
import type { SponsorRelayerConfig } from '../config/relayers/sponsor.ts';
import { assertNever } from '../core/assert-never.ts';
import { parseAddress } from '../core/base58.ts';
import { paymentFault } from '../core/sponsor/payment-fault.ts';
import type { SponsorTerms } from '../core/sponsor/sponsor-terms.ts';

export interface OpenedSponsor extends SponsorRelayer {
  /** `null`: the address of its key is not known, and nothing is paid for. */
  readonly sponsorship: SponsorTerms | null;
}

/** Throws where its signer is not there. */
export function openSponsor(
  config: SponsorRelayerConfig,
  sender: Relayer,
  signers: ReadonlyMap<string, Signer>,
  chain: ChainReader,
): OpenedSponsor {
  const { kind: _, name, signer: signerName, sender: __, ...terms } = config;
  const signer = signers.get(signerName);
  if (signer === undefined) throw new Error(`relayer ${name}: its signer ${signerName} is not there`);
  const { payment } = terms;
  const faultOnChain = async (signal: AbortSignal) => {
    if (payment === null) return null;
    const { accounts } = await chain.getAccounts([payment.mint, payment.to], signal);
    const fault = paymentFault(payment, accounts);
    return fault && ({ kind: 'failed', ...fault } as const);
  };
  return {
    ...createSponsorRelayer({ name, key: keyOf(signer), sender, chain, paymentFault: faultOnChain }),
    get sponsorship() {
      const address = parseAddress(signer.address);
      return address === null ? null : { name, address, ...terms };
    },
  };
}

function keyOf(signer: Signer): SponsorKey {
  return {
    get address() {
      return parseAddress(signer.address);
    },
    custody: signer.custody,
    sign: async (messageBytes, wireTransaction, context) =>
      cosigningOf(await signer.sign(messageBytes, { ...context, kind: 'transaction', wireTransaction })),
    check: (signal) => signer.check(signal),
  };
}

/** What it signed and nobody got cannot land: the wallet has not signed. So nothing is ambiguous here. */
function cosigningOf(result: SignResult): Cosigning {
  switch (result.kind) {
    case 'signed':
    case 'refused':
      return result;
    case 'unavailable':
    case 'overloaded':
      return { kind: 'unavailable', reason: result.reason };
    default:
      return assertNever(result);
  }
}
